(** one_neuron: one output and one added exponential unit, in plain real numbers.
    one_neuron_convex is elimination in this case.  one_neuron is the classification form: every sample has a
    loss phi(- y_i q), phi differentiable and NOT assumed convex, only that each of its critical points is a global
    minimum; labels are consistent and not zero.  At a local minimum in (a, b, w) the unit is off and every single
    sample attains the least value of phi.  one_neuron_smooth_hinge: for the smoothed hinge and labels -1, 1 every
    sample is then classified correctly, with margin 1.
    After Liang, Sun, Lee, Srikant, "Adding One Neuron Can Eliminate All Bad Local Minima" (NeurIPS 2018). *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Vanishing Elimination Losses.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section OneNeuron.
Variables (m : nat) (x : 'I_m -> R) (Theta : Type) (f : Theta -> R -> R)
  (l dl : 'I_m -> R -> R) (lambda : R).
Hypothesis m_pos : (0 < m)%N.
Hypothesis lambda_pos : 0 < lambda.
Hypothesis l_diff : forall i u, is_derive (l i) u (dl i u).

Definition L1 th := / INR m * (\rsum_(i < m) l i (f th (x i))).
Definition Lt1 th a b w :=
  / INR m * (\rsum_(i < m) l i (f th (x i) + a * exp (w * x i + b))) + lambda * (a * a).

(** a local minimum in the added variables *)
Definition local_min1 th a b w : Prop :=
  exists r, 0 < r /\ forall a' b' w', Rabs (a' - a) < r -> Rabs (b' - b) < r ->
     Rabs (w' - w) < r -> Lt1 th a b w <= Lt1 th a' b' w'.

Definition up (r : R) : vec 1 := fun=> r.
Let loss (i : 'I_m) (p : vec 1) := l i (p ord0).
Let net (th : Theta) (z : vec 1) : vec 1 := up (f th (z ord0)).
Let X (i : 'I_m) := up (x i).

Let Lt1E th a b w : Lt1 th a b w = Lt X net loss lambda th (up a) (up b) (fun=> up w).
Proof.
rewrite /Lt1 /Lt /risk rsum1; congr (_ * _ + _); apply: eq_bigr => i _.
by rewrite /loss /aug /dot rsum1.
Qed.

Let local_min1_aux th a b w : local_min1 th a b w ->
  local_min_aux X net loss lambda th (up a) (up b) (fun=> up w).
Proof.
move=> [r [r0 h]]; exists r; split => // a' b' W' ha hb hW.
have -> : a' = up (a' ord0) by apply: functional_extensionality => k; rewrite (ord1 k).
have -> : b' = up (b' ord0) by apply: functional_extensionality => k; rewrite (ord1 k).
have -> : W' = fun=> up (W' ord0 ord0).
  apply: functional_extensionality => k; apply: functional_extensionality => j.
  by rewrite (ord1 k) (ord1 j).
by rewrite -!Lt1E; apply: h; [apply: ha|apply: hb|apply: hW].
Qed.

Let grad1 i (p : vec 1) : is_dgrad (loss i) p (up (dl i (p ord0))).
Proof.
move=> hh; rewrite rsum1 /loss /up.
have D : is_derive (fun t => p ord0 + t * hh ord0) 0 (hh ord0) by auto_derive => //; ring.
have l0 : is_derive (l i) (p ord0 + 0 * hh ord0) (dl i (p ord0)) by rewrite Rmult_0_l Rplus_0_r.
have := is_derive_comp _ _ _ _ _ l0 D.
by rewrite /scal /= /mult /= Rmult_comm.
Qed.

Lemma grouped1 th a b w : local_min1 th a b w ->
  a = 0 /\ forall z, \rsum_(i < m | x i == z) dl i (f th (x i)) = 0.
Proof.
move=> /local_min1_aux hm; have a0 := vanishing_at_minima lambda_pos hm.
split; first exact: (a0 ord0).
move=> z; have E := local_min_grouped m_pos a0 hm (fun i => grad1 i (net th (X i))) (up z) ord0.
rewrite -[RHS]E; apply: eq_bigl => i.
by apply/eqP/forallP => [e j|e]; [apply/eqP|exact: (eqP (e ord0))].
Qed.

Theorem one_neuron_convex th a b w :
  (forall i u v t, 0 <= t <= 1 -> l i ((1 - t) * u + t * v) <= (1 - t) * l i u + t * l i v) ->
  local_min1 th a b w ->
  a = 0 /\ (forall z, \rsum_(i < m | x i == z) dl i (f th (x i)) = 0) /\
  (forall q : R -> R, L1 th <= / INR m * (\rsum_(i < m) l i (q (x i)))) /\
  Lt1 th a b w = L1 th.
Proof.
move=> cv hm; have [a0 gz] := grouped1 hm; split => //; split => //.
have cv' i : convex (loss i) by move=> p q t; exact: cv.
have [_ [_ [opt LL]]] := elimination_at m_pos lambda_pos cv' (fun i => grad1 i (net th (X i))) (local_min1_aux hm).
split; last by rewrite Lt1E.
by move=> q; exact: (opt (fun z => up (q (z ord0)))).
Qed.
End OneNeuron.

Section Classification.
Variables (m : nat) (x y : 'I_m -> R) (Theta : Type) (f : Theta -> R -> R) (phi dphi : R -> R) (lambda : R).
Hypothesis m_pos : (0 < m)%N.
Hypothesis lambda_pos : 0 < lambda.
Hypothesis labels_consistent : forall i i', x i = x i' -> y i = y i'.
Hypothesis y_nonzero : forall i, y i <> 0.
Hypothesis phi_diff : forall u, is_derive phi u (dphi u).
Let l (i : 'I_m) (q : R) := phi (- (y i * q)).

Let l_diff i u : is_derive (l i) u (- y i * dphi (- (y i * u))).
Proof.
have D : is_derive (fun q => - (y i * q)) u (- y i) by auto_derive => //; ring.
exact: (is_derive_comp _ _ _ _ _ (phi_diff _) D).
Qed.

Lemma one_neuron_gradient th a b w : local_min1 x f l lambda th a b w ->
  a = 0 /\ forall i, dphi (- (y i * f th (x i))) = 0.
Proof.
move=> hm; have [a0 gz] := grouped1 m_pos lambda_pos l_diff hm; split => // i.
have := gz (x i); rewrite (eq_bigr (fun=> 1 * (- y i * dphi (- (y i * f th (x i)))))); last first.
  by move=> i' /eqP e; rewrite (labels_consistent e) e Rmult_1_l.
rewrite rsum_scal_r => E.
have N1 : \rsum_(i' < m | x i' == x i) 1 = 1 + \rsum_(i' < m | (x i' == x i) && (i' != i)) 1.
  by apply: (bigD1 i); exact: eqxx.
have N2 : 0 <= \rsum_(i' < m | (x i' == x i) && (i' != i)) 1 by apply: rsum_ge0 => j _; lra.
case: (Rmult_integral _ _ E) => {}E; first by lra.
by case: (Rmult_integral _ _ E) => // y0; case: (y_nonzero (i := i)); lra.
Qed.

Theorem one_neuron th a b w :
  (forall u, dphi u = 0 -> forall v, phi u <= phi v) ->
  local_min1 x f l lambda th a b w ->
  a = 0 /\ (forall i q, phi (- (y i * f th (x i))) <= phi q) /\
  (forall th', L1 x f l th <= L1 x f l th') /\
  (forall q : 'I_m -> R, L1 x f l th <= / INR m * (\rsum_(i < m) l i (q i))).
Proof.
move=> crit hm; have [a0 g0] := one_neuron_gradient hm.
have each i q : phi (- (y i * f th (x i))) <= phi q by apply: crit; exact: g0.
have im := invm_pos m_pos.
by split => //; split => //; split => [th'|q]; apply: Rmult_le_compat_l; try lra; apply: rsum_le => i _; exact: each.
Qed.
End Classification.

(** the smoothed hinge: phi(u) = max(0, 1 + u)^2 at u = - y q, that is max(0, 1 - y q)^2 *)
Theorem one_neuron_smooth_hinge (m : nat) (x y : 'I_m -> R) (Theta : Type) (f : Theta -> R -> R)
  (lambda : R) th a b w :
  (0 < m)%N -> 0 < lambda -> (forall i i', x i = x i' -> y i = y i') ->
  (forall i, y i = 1 \/ y i = -1) ->
  local_min1 x f (fun i q => hinge2 (- (y i * q))) lambda th a b w ->
  a = 0 /\ (forall i, 1 <= y i * f th (x i)) /\ L1 x f (fun i q => hinge2 (- (y i * q))) th = 0.
Proof.
move=> m0 l0 lab pm hm.
have yn i : y i <> 0 by case: (pm i) => ->; lra.
have [a0 g0] := one_neuron_gradient m0 l0 lab yn (fun u => hinge2_derive u) hm.
have margin i : 1 <= y i * f th (x i).
  by have := g0 i; rewrite /dhinge2 /Rmax; case: Rle_dec => h1 h2; lra.
split => //; split => //; rewrite /L1 rsum_0; first by ring.
by move=> i _; have := margin i; rewrite /hinge2 /Rmax; case: Rle_dec => h1 h2; [have -> : 1 + - (y i * f th (x i)) = 0 by lra|]; ring.
Qed.
