(** Finite sums and products of reals.  Mathcomp's big operators over Coq's real numbers: linearity,
    monotonicity, sums with one changed or one nonzero term, and the derivative of a finite sum.
    Tools only; nothing about networks. *)
From Coq Require Import Reals Lra.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

(** Decidable equality on R (Req_EM_T is in Coq's Reals) *)
Definition Req_b (a b : R) : bool := if Req_EM_T a b then true else false.
Lemma Req_bP : Equality.axiom Req_b.
Proof. by move=> a b; rewrite /Req_b; case: Req_EM_T => h; constructor. Qed.
Canonical R_eqMixin := EqMixin Req_bP.
Canonical R_eqType := Eval hnf in EqType R R_eqMixin.

(** Monoid structures *)
Lemma RplusA : associative Rplus. Proof. by move=> a b c; ring. Qed.
Lemma RmultA : associative Rmult. Proof. by move=> a b c; ring. Qed.
Canonical Rplus_law := Monoid.Law RplusA Rplus_0_l Rplus_0_r.
Canonical Rplus_comlaw := Monoid.ComLaw Rplus_comm.
Canonical Rmult_law := Monoid.Law RmultA Rmult_1_l Rmult_1_r.
Canonical Rmult_comlaw := Monoid.ComLaw Rmult_comm.
Canonical Rmult_mullaw := Monoid.MulLaw Rmult_0_l Rmult_0_r.
Canonical Rplus_addlaw := Monoid.AddLaw Rmult_plus_distr_r Rmult_plus_distr_l.

Notation "\rsum_ ( i < n ) F" := (\big[Rplus/0]_(i < n) F)
  (at level 35, F at level 35, i, n at level 50,
   format "'[' \rsum_ ( i  <  n ) '/  '  F ']'") : R_scope.
Notation "\rsum_ ( i < n | P ) F" := (\big[Rplus/0]_(i < n | P%B) F)
  (at level 35, F at level 35, i, n at level 50,
   format "'[' \rsum_ ( i  <  n  |  P ) '/  '  F ']'") : R_scope.

Section Sums.
Variable n : nat.
Implicit Types (F G : 'I_n -> R) (P : pred 'I_n).

Lemma rsum_plus P F G :
  \rsum_(i < n | P i) (F i + G i) = \rsum_(i < n | P i) F i + \rsum_(i < n | P i) G i.
Proof. exact: big_split. Qed.

Lemma rsum_scal_l P c F : \rsum_(i < n | P i) (c * F i) = c * \rsum_(i < n | P i) F i.
Proof. by rewrite big_distrr. Qed.

Lemma rsum_scal_r P c F : \rsum_(i < n | P i) (F i * c) = (\rsum_(i < n | P i) F i) * c.
Proof. by rewrite big_distrl. Qed.

Lemma rsum_minus P F G :
  \rsum_(i < n | P i) (F i - G i) = \rsum_(i < n | P i) F i - \rsum_(i < n | P i) G i.
Proof.
have -> : \rsum_(i < n | P i) (F i - G i) = \rsum_(i < n | P i) (F i + (-1) * G i).
  by apply: eq_bigr => i _; ring.
by rewrite rsum_plus rsum_scal_l; ring.
Qed.

Lemma rsum_le P F G : (forall i, P i -> F i <= G i) ->
  \rsum_(i < n | P i) F i <= \rsum_(i < n | P i) G i.
Proof.
move=> h; apply: (big_ind2 (fun a b => a <= b)) => //; first exact: Rle_refl.
by move=> *; apply: Rplus_le_compat.
Qed.

Lemma rsum_ge0 P F : (forall i, P i -> 0 <= F i) -> 0 <= \rsum_(i < n | P i) F i.
Proof.
move=> h; apply: (big_ind (fun a => 0 <= a)) => //; first exact: Rle_refl.
by move=> *; apply: Rplus_le_le_0_compat.
Qed.

Lemma rsum_0 P F : (forall i, P i -> F i = 0) -> \rsum_(i < n | P i) F i = 0.
Proof. by move=> h; rewrite big1. Qed.

Lemma rsum_D1 F k : \rsum_(i < n) F i = F k + \rsum_(i < n | i != k) F i.
Proof. exact: bigD1. Qed.

(** Sum of a function supported on one index *)
Lemma rsum_single F k : (forall i, i != k -> F i = 0) -> \rsum_(i < n) F i = F k.
Proof.
by move=> h; rewrite (rsum_D1 _ k) rsum_0 ?Rplus_0_r // => i; apply: h.
Qed.

(** Replace one coordinate *)
Lemma rsum_upd F G k : (forall i, i != k -> F i = G i) ->
  \rsum_(i < n) F i - \rsum_(i < n) G i = F k - G k.
Proof.
move=> h; rewrite (rsum_D1 F k) (rsum_D1 G k).
have -> : \rsum_(i < n | i != k) F i = \rsum_(i < n | i != k) G i by apply: eq_bigr.
by ring.
Qed.

Lemma is_derive_rsum P (F : 'I_n -> R -> R) (D : 'I_n -> R) t :
  (forall i, P i -> is_derive (F i) t (D i)) ->
  is_derive (fun s => \rsum_(i < n | P i) F i s) t (\rsum_(i < n | P i) D i).
Proof.
move=> h.
elim: (index_enum _) => [|j s IH].
  rewrite big_nil; apply: (is_derive_ext (fun=> 0)) => [u|]; first by rewrite big_nil.
  exact: is_derive_const.
rewrite big_cons; case: ifP => Pj.
  apply: (is_derive_ext (fun u => F j u + \big[Rplus/0]_(i <- s | P i) F i u)) => [u|].
    by rewrite big_cons Pj.
  by apply: is_derive_plus => //; apply: h.
apply: (is_derive_ext (fun u => \big[Rplus/0]_(i <- s | P i) F i u)) => [u|//].
by rewrite big_cons Pj.
Qed.

End Sums.

(** One index *)
Lemma rsum1 (F : 'I_1 -> R) : \rsum_(k < 1) F k = F ord0.
Proof. by rewrite big_ord_recl big_ord0 Rplus_0_r. Qed.

Lemma ord1 (k : 'I_1) : k = ord0.
Proof. by apply: val_inj; case: k => [[|]]. Qed.

(** A product over a list of reals vanishes iff some factor does. *)
Definition rprod (s : seq R) (f : R -> R) : R := \big[Rmult/1]_(r <- s) f r.

Lemma rprod_cons r s f : rprod (r :: s) f = f r * rprod s f.
Proof. exact: big_cons. Qed.

Lemma rprod_eq0 s (f : R -> R) r : r \in s -> f r = 0 -> rprod s f = 0.
Proof.
rewrite /rprod; elim: s => // a s IH; rewrite inE big_cons => /orP [/eqP <- ->|hr fr].
  by rewrite Rmult_0_l.
by rewrite IH // Rmult_0_r.
Qed.

Lemma rprod_neq0 s (f : R -> R) : (forall r, r \in s -> f r <> 0) -> rprod s f <> 0.
Proof.
rewrite /rprod; elim: s => [|a s IH] h; first by rewrite big_nil; exact: R1_neq_R0.
rewrite big_cons; apply: Rmult_integral_contrapositive_currified.
  by apply: h; rewrite inE eqxx.
by apply: IH => r hr; apply: h; rewrite inE hr orbT.
Qed.
