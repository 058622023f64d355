(** The objects of study.  The empirical risk of any function, the training loss L of a network, the loss Lt
    with one exponential unit a_k exp(w_k . x + b_k) added to each output and the penalty lambda |a|^2, and
    local minima in (a, b, W) with the network's own parameters held fixed (every local minimum of Lt in
    any topology is one).  Then the first facts: samples are grouped by equal inputs; at a = 0 the
    augmented loss is L; the partial derivatives of Lt in a_k and b_k. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

(** ** Statement-level definitions *)

Section Defs.
Variables (m dx dy : nat).              (* samples, input dimension, output dimension *)
Variable x : 'I_m -> vec dx.            (* inputs *)
Variable Theta : Type.                  (* parameters of the network: any type *)
Variable net : Theta -> vec dx -> vec dy. (* any network *)
Variable loss : 'I_m -> vec dy -> R.    (* loss of sample i, label included *)
Variable lambda : R.

(** empirical risk of an arbitrary function q : R^dx -> R^dy *)
Definition risk (q : vec dx -> vec dy) : R := / INR m * (\rsum_(i < m) loss i (q (x i))).

(** the original training loss *)
Definition L (th : Theta) : R := risk (net th).

(** the augmented network: f_k(x) + a_k exp(w_k . x + b_k) *)
Definition aug (th : Theta) (a b : vec dy) (W : 'I_dy -> vec dx) : vec dx -> vec dy :=
  fun z k => net th z k + a k * exp (dot (W k) z + b k).

(** the augmented loss *)
Definition Lt (th : Theta) (a b : vec dy) (W : 'I_dy -> vec dx) : R :=
  risk (aug th a b W) + lambda * (\rsum_(k < dy) (a k * a k)).

(** local minimum in the added variables only, th fixed; sup-norm ball *)
Definition local_min_aux (th : Theta) (a b : vec dy) (W : 'I_dy -> vec dx) : Prop :=
  exists r : R, 0 < r /\ forall (a' b' : vec dy) (W' : 'I_dy -> vec dx),
    (forall k, Rabs (a' k - a k) < r) -> (forall k, Rabs (b' k - b k) < r) ->
    (forall k j, Rabs (W' k j - W k j) < r) -> Lt th a b W <= Lt th a' b' W'.

(** samples whose input equals z *)
Definition same (i : 'I_m) (z : vec dx) : bool := [forall j, x i j == z j].

(** the gradients of the sample losses at the network's outputs, summed over
    each set of samples with equal inputs, vanish (g i is the gradient of loss i
    at net th (x i); it is unique, see Calculus.is_dgrad_unique) *)
Definition grouped_grad_zero (th : Theta) : Prop :=
  forall g : 'I_m -> vec dy, (forall i, is_dgrad (loss i) (net th (x i)) (g i)) ->
  forall (z : vec dx) (k : 'I_dy), \rsum_(i < m | same i z) g i k = 0.

End Defs.

(** one coordinate replaced *)
Definition upd n (u : vec n) (k : 'I_n) (s : R) : vec n := fun i => if i == k then s else u i.

(** one entry of a matrix replaced *)
Definition updW p q (W : 'I_p -> vec q) (k : 'I_p) (j : 'I_q) (s : R) : 'I_p -> vec q :=
  fun k' => if k' == k then upd (W k') j s else W k'.

(** ** First facts *)

Lemma Rabs_same u r : 0 < r -> Rabs (u - u) < r.
Proof. by move=> r0; rewrite Rminus_eq_0 Rabs_R0. Qed.

Lemma invm_pos m : (0 < m)%N -> 0 < / INR m.
Proof. by move=> m0; apply: Rinv_0_lt_compat; apply: lt_0_INR; apply/ltP. Qed.

Lemma sameP m dx (x : 'I_m -> vec dx) i z : reflect (x i = z) (same x i z).
Proof.
apply: (iffP forallP) => [h|-> j]; last exact: eqxx.
by apply: functional_extensionality => j; exact: (eqP (h j)).
Qed.

(** A sum of c_i D(x_i) vanishes when the c_i cancel within each group of equal inputs. *)
Lemma group_sum m dx (x : 'I_m -> vec dx) (c : 'I_m -> R) :
  (forall z, \rsum_(i < m | same x i z) c i = 0) ->
  forall D : vec dx -> R, \rsum_(i < m) (c i * D (x i)) = 0.
Proof.
move=> h D.
pose rep i := odflt i [pick j | same x j (x i)].
have repP i : x (rep i) = x i.
  by rewrite /rep; case: pickP => [j /sameP|] //=.
have rep_eq i i' : x i = x i' -> rep i = rep i'.
  move=> e; rewrite /rep e; case: pickP => [//|none].
  by move/sameP: (none i') => [].
rewrite (partition_big rep predT) //=.
apply: rsum_0 => j _.
case: (pickP (fun i => rep i == j)) => [i0 /eqP e0|none]; last first.
  by rewrite big_pred0.
have Z : (\rsum_(i < m | same x i (x i0)) c i) * D (x i0) = 0 by rewrite h Rmult_0_l.
rewrite -[RHS]Z -rsum_scal_r; apply: eq_big => i /=.
  apply/eqP/sameP => [e|e]; last by rewrite (rep_eq _ _ e).
  by rewrite -(repP i) e -e0 repP.
by move/eqP => e; rewrite -(repP i) e -e0 repP.
Qed.

Section Facts.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Local Notation risk := (risk x loss).
Local Notation L := (L x net loss).
Local Notation aug := (aug net).
Local Notation Lt := (Lt x net loss lambda).

Lemma aug_a0 th a b W : (forall k, a k = 0) -> aug th a b W = net th.
Proof.
move=> a0; apply: functional_extensionality => z; apply: functional_extensionality => k.
by rewrite /Objective.aug a0; ring.
Qed.

Lemma Lt_a0 th a b W : (forall k, a k = 0) -> Lt th a b W = L th.
Proof.
move=> a0; rewrite /Objective.Lt aug_a0 // rsum_0; first by rewrite /Objective.L; ring.
by move=> k _; rewrite a0; ring.
Qed.

Lemma grads th : (forall i, gdifferentiable (loss i)) ->
  exists g, forall i, is_dgrad (loss i) (net th (x i)) (g i).
Proof. by move=> df; apply: (fin_all_exists (fun i => df i (net th (x i)))). Qed.

End Facts.

(** ** The partial derivatives of Lt in a_k and b_k, at any point where the losses are differentiable *)
Section Partial.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Local Notation Lt := (Lt x net loss lambda).
Local Notation aug := (aug net).

Variables (th : Theta) (a b : vec dy) (W : 'I_dy -> vec dx) (g : 'I_m -> vec dy).
Hypothesis hg : forall i, is_dgrad (loss i) (aug th a b W (x i)) (g i).
Variable k : 'I_dy.

Let e (i : 'I_m) := exp (dot (W k) (x i) + b k).

(** chain rule along one output coordinate *)
Lemma coord_chain i (u : R -> R) t0 d : u t0 = 0 -> is_derive u t0 d ->
  is_derive (fun t => loss i (fun j => aug th a b W (x i) j + (if j == k then u t else 0))) t0 (d * g i k).
Proof.
move=> u0 du.
pose h : vec dy := fun j => if j == k then 1 else 0.
have G : is_derive (fun t => loss i (fun j => aug th a b W (x i) j + t * h j)) (u t0) (g i k).
  rewrite u0; have <- : \rsum_(j < dy) (g i j * h j) = g i k; last exact: hg.
  by rewrite (@rsum_single _ _ k) /h ?eqxx; [ring|move=> j /negbTE ->; ring].
apply: (is_derive_ext (fun t => (fun s => loss i (fun j => aug th a b W (x i) j + s * h j)) (u t))).
  move=> t /=; congr (loss i _); apply: functional_extensionality => j.
  by rewrite /h; case: (j == k); ring.
exact: (is_derive_comp _ _ _ _ _ G du).
Qed.

Definition dA := / INR m * (\rsum_(i < m) (e i * g i k)) + lambda * (2 * a k).
Definition dB := / INR m * (\rsum_(i < m) (a k * e i * g i k)).

Lemma pen_derive : is_derive (fun s => \rsum_(j < dy) (upd a k s j * upd a k s j)) (a k) (2 * a k).
Proof.
apply: (is_derive_ext (fun s => \rsum_(j < dy) (a j * a j) - a k * a k + s * s)).
  move=> s; have U := @rsum_upd dy (fun j => upd a k s j * upd a k s j) (fun j => a j * a j) k.
  have {}U : \rsum_(j < dy) (upd a k s j * upd a k s j) - \rsum_(j < dy) (a j * a j)
    = upd a k s k * upd a k s k - a k * a k by apply: U => j /negbTE ne; rewrite /upd ne.
  by move: U; rewrite {3 4}/upd eqxx; lra.
by auto_derive => //; ring.
Qed.

Lemma dLt_da : is_derive (fun s => Lt th (upd a k s) b W) (a k) dA.
Proof.
have d1 : is_derive (fun s => \rsum_(i < m) loss i (fun j => aug th a b W (x i) j +
    (if j == k then (s - a k) * e i else 0))) (a k) (\rsum_(i < m) (e i * g i k)).
  apply: is_derive_rsum => i _; apply: (@coord_chain i (fun s => (s - a k) * e i)); first by ring.
  by auto_derive => //; ring.
have d2 := is_derive_scal _ (a k) (/ INR m) _ d1.
have d3 := is_derive_scal _ (a k) lambda _ pen_derive.
have d4 := is_derive_plus _ _ _ _ _ d2 d3.
apply: (is_derive_ext _ _ _ _ _ d4) => s.
rewrite /Objective.Lt /risk; congr (_ * _ + _); apply: eq_bigr => i _; congr (loss i _).
apply: functional_extensionality => j; rewrite /Objective.aug /upd.
by case: eqP => [->|_]; rewrite /e; ring.
Qed.

Lemma dLt_db : is_derive (fun s => Lt th a (upd b k s) W) (b k) dB.
Proof.
have d1 : is_derive (fun s => \rsum_(i < m) loss i (fun j => aug th a b W (x i) j +
    (if j == k then a k * (exp (dot (W k) (x i) + s) - e i) else 0))) (b k)
    (\rsum_(i < m) (a k * e i * g i k)).
  apply: is_derive_rsum => i _.
  apply: (@coord_chain i (fun s => a k * (exp (dot (W k) (x i) + s) - e i))).
    by rewrite /e; ring.
  by auto_derive => //; rewrite /e; ring.
have d2 := is_derive_scal _ (b k) (/ INR m) _ d1.
have d3 : is_derive (fun=> lambda * (\rsum_(j < dy) (a j * a j))) (b k) 0 by exact: is_derive_const.
have d4 := is_derive_plus _ _ _ _ _ d2 d3.
have -> : dB = plus dB 0 by rewrite /plus /=; ring.
apply: (is_derive_ext _ _ _ _ _ d4) => s.
rewrite /Objective.Lt /risk; congr (_ * _ + _); apply: eq_bigr => i _; congr (loss i _).
apply: functional_extensionality => j; rewrite /Objective.aug /upd.
by case: eqP => [->|_]; rewrite /e; ring.
Qed.

End Partial.
