(** independence: if sum_i c_i exp(w . x_i) vanishes for all w in a ball, however small, then the c_i add
    up to zero over each group of equal x_i; in particular all c_i are zero when the x_i are distinct.
    Proof: differentiate along one coordinate after the other and kill all other exponents. *)
From Coq Require Import Reals Lra.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section OneVariable.
Variables (n : nat) (c s : 'I_n -> R) (r : R).
Hypothesis rpos : 0 < r.
Hypothesis vanish : forall t, Rabs t < r -> \rsum_(i < n) (c i * exp (t * s i)) = 0.

(** Apply the operators (d/dt - rho) for rho in L: still zero on the interval. *)
Lemma vanish_ops (L : seq R) t : Rabs t < r ->
  \rsum_(i < n) (c i * rprod L (fun rho => s i - rho) * exp (t * s i)) = 0.
Proof.
elim: L t => [|rho L IH] t ht.
  rewrite -[RHS](vanish ht); apply: eq_bigr => i _.
  by rewrite /rprod big_nil; ring.
have d : is_derive (fun u => \rsum_(i < n) (c i * rprod L (fun rho => s i - rho) * exp (u * s i))) t
   (\rsum_(i < n) (c i * rprod L (fun rho => s i - rho) * (s i * exp (t * s i)))).
  by apply: is_derive_rsum => i _; auto_derive => //; ring.
have d0 := derive_zero_near IH ht d.
have e : \rsum_(i < n) (c i * rprod (rho :: L) (fun rho => s i - rho) * exp (t * s i)) =
  \rsum_(i < n) (c i * rprod L (fun rho => s i - rho) * (s i * exp (t * s i)))
  - rho * \rsum_(i < n) (c i * rprod L (fun rho => s i - rho) * exp (t * s i)).
  rewrite -rsum_scal_l -rsum_minus; apply: eq_bigr => i _.
  by rewrite rprod_cons; ring.
by rewrite e d0 IH //; ring.
Qed.

Lemma independence_line (sb : R) : \rsum_(i < n | s i == sb) c i = 0.
Proof.
pose L := [seq s i | i <- enum 'I_n & s i != sb].
have h0 : Rabs 0 < r by rewrite Rabs_R0.
have key := vanish_ops L h0.
pose p := rprod L (fun rho => sb - rho).
have pn0 : p <> 0.
  apply: rprod_neq0 => rho /mapP [i]; rewrite mem_filter => /andP [/eqP ne _] -> e.
  by apply: ne; lra.
have e : \rsum_(i < n) (c i * rprod L (fun rho => s i - rho) * exp (0 * s i)) =
         (\rsum_(i < n | s i == sb) c i) * p.
  rewrite -rsum_scal_r [RHS]big_mkcond /=; apply: eq_bigr => i _.
  rewrite Rmult_0_l exp_0; case: eqP => [->|/eqP ne]; first by rewrite -/p; ring.
  rewrite (rprod_eq0 (r := s i)); [by ring| |by ring].
  by apply/mapP; exists i => //; rewrite mem_filter ne mem_enum.
by rewrite e in key; case: (Rmult_integral _ _ key).
Qed.
End OneVariable.

Section ManyVariables.
Variables (n d : nat) (c : 'I_n -> R) (x : 'I_n -> 'I_d -> R) (w : 'I_d -> R) (r : R).
Hypothesis rpos : 0 < r.
Hypothesis vanish : forall w' : 'I_d -> R, (forall j, Rabs (w' j - w j) < r) ->
  \rsum_(i < n) (c i * exp (dot w' (x i))) = 0.

Lemma vanish_coords (xb : 'I_d -> R) (js : seq 'I_d) (w' : 'I_d -> R) :
  (forall j, Rabs (w' j - w j) < r) ->
  \rsum_(i < n | all (fun j => x i j == xb j) js) (c i * exp (dot w' (x i))) = 0.
Proof.
elim: js w' => [|j js IH] w' hw; first exact: vanish.
pose c' i := if all (fun j => x i j == xb j) js then c i * exp (dot w' (x i)) else 0.
have e : 0 < r - Rabs (w' j - w j) by have := hw j; lra.
have v : forall t, Rabs t < r - Rabs (w' j - w j) ->
    \rsum_(i < n) (c' i * exp (t * x i j)) = 0.
  move=> t ht.
  pose w'' k := w' k + (if k == j then t else 0).
  have hw'' : forall k, Rabs (w'' k - w k) < r.
    move=> k; rewrite /w''; case: eqP => [->|_]; last by rewrite Rplus_0_r.
    have := Rabs_triang t (w' j - w j).
    have -> : t + (w' j - w j) = w' j + t - w j by ring.
    by lra.
  rewrite -[RHS](IH _ hw'') [RHS]big_mkcond /=; apply: eq_bigr => i _.
  rewrite /c'; case: ifP => _; last by ring.
  have -> : dot w'' (x i) = dot w' (x i) + t * x i j.
    have := @rsum_upd d (fun k => w'' k * x i k) (fun k => w' k * x i k) j.
    rewrite -/(dot w'' (x i)) -/(dot w' (x i)) => E.
    have {}E : dot w'' (x i) - dot w' (x i) = w'' j * x i j - w' j * x i j.
      by apply: E => k /negbTE nk; rewrite /w'' nk; ring.
    by move: E; rewrite /w'' eqxx => E; lra.
  by rewrite exp_plus; ring.
have E := independence_line e v (xb j).
rewrite -[RHS]E [LHS]big_mkcond [RHS]big_mkcond /=; apply: eq_bigr => i _.
by rewrite /c'; case: (x i j == xb j).
Qed.

Theorem independence_grouped (xb : 'I_d -> R) : \rsum_(i < n | [forall j, x i j == xb j]) c i = 0.
Proof.
have hw : forall j, Rabs (w j - w j) < r by move=> j; rewrite Rminus_eq_0 Rabs_R0.
have := vanish_coords xb (enum 'I_d) hw.
set S := (X in _ -> X = 0).
have -> : \rsum_(i < n | all (fun j => x i j == xb j) (enum 'I_d)) (c i * exp (dot w (x i)))
          = S * exp (dot w xb).
  rewrite /S -rsum_scal_r; apply: eq_big => i.
    apply/allP/forallP => [h j|h j _]; last exact: h.
    by apply: h; rewrite mem_enum.
  move=> /allP h; congr (_ * exp _); apply: eq_bigr => j _.
  by rewrite (eqP (h j _)) // mem_enum.
move=> E; case: (Rmult_integral _ _ E) => // e0.
by have := exp_pos (dot w xb); lra.
Qed.
End ManyVariables.

(** independence, as usually stated: distinct inputs, any common factor exp(b) *)
Theorem independence (n d : nat) (c : 'I_n -> R) (x : 'I_n -> vec d) (w : vec d) (b r : R) :
  0 < r -> (forall i i', (forall j, x i j = x i' j) -> i = i') ->
  (forall w', (forall j, Rabs (w' j - w j) < r) -> \rsum_(i < n) (c i * exp (dot w' (x i) + b)) = 0) ->
  forall i, c i = 0.
Proof.
move=> r0 distinct h i.
have V w' : (forall j, Rabs (w' j - w j) < r) -> \rsum_(i < n) (c i * exp (dot w' (x i))) = 0.
  move=> /h; have -> : \rsum_(i < n) (c i * exp (dot w' (x i) + b)) =
    (\rsum_(i < n) (c i * exp (dot w' (x i)))) * exp b.
    by rewrite -rsum_scal_r; apply: eq_bigr => i' _; rewrite exp_plus; ring.
  by move=> E; case: (Rmult_integral _ _ E) => // e0; have := exp_pos b; lra.
have := independence_grouped r0 V (x i); rewrite (big_pred1 i) // => i' /=.
apply/forallP/eqP => [e|-> j]; last exact: eqxx.
by apply: distinct => j; exact/eqP.
Qed.
