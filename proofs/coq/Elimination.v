(** elimination: at a local minimum of Lt, even with theta held fixed, a = 0, the gradients of the sample
    losses add up to zero over each group of equal inputs, L(theta) is optimal among ALL functions of x, and
    Lt = L there.  elimination_per_sample: with consistent labels each single gradient vanishes.
    perturbation: at such a point every partial derivative of Lt in a vanishes at all neighbouring (b, W).
    elimination_signed: for differentiable losses lambda <> 0 is enough for all of this (not for global
    minimality of the point itself, which needs lambda >= 0). *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Independence Objective Vanishing.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section Main.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Hypothesis m_pos : (0 < m)%N.

Local Notation risk := (risk x loss).
Local Notation L := (L x net loss).
Local Notation aug := (aug net).
Local Notation Lt := (Lt x net loss lambda).
Local Notation local_min_aux := (local_min_aux x net loss lambda).
Local Notation grouped_grad_zero := (grouped_grad_zero x net loss).

(** *** Step 2, perturbation: with a = 0 the value does not depend on (b, W), so that every neighbouring
    (th, a, b', W') is a local minimum too, and Fermat applies there. *)
Lemma perturbed_minimum th a b W : (forall k, a k = 0) -> local_min_aux th a b W ->
  exists r, 0 < r /\ forall b' W',
    (forall k, Rabs (b' k - b k) < r) -> (forall k j, Rabs (W' k j - W k j) < r) ->
    local_min_aux th a b' W'.
Proof.
move=> a0 [r [r0 h]]; exists (r / 2); split; first by lra.
move=> b' W' hb hW; exists (r / 2); split; first by lra.
have add u v w : Rabs (u - v) < r / 2 -> Rabs (v - w) < r / 2 -> Rabs (u - w) < r.
  move=> h1 h2; have -> : u - w = (u - v) + (v - w) by ring.
  by have := Rabs_triang (u - v) (v - w); lra.
move=> a2 b2 W2 ha2 hb2 hW2; rewrite (Lt_a0 x net loss lambda th b' W' a0) -(Lt_a0 x net loss lambda th b W a0).
apply: h => [k|k|k j]; first by have := ha2 k; lra.
  exact: add (hb2 k) (hb k).
exact: add (hW2 k j) (hW k j).
Qed.

Theorem perturbation th a b W : (forall k, a k = 0) -> local_min_aux th a b W ->
  exists r, 0 < r /\ forall b' W',
    (forall k, Rabs (b' k - b k) < r) -> (forall k j, Rabs (W' k j - W k j) < r) ->
    forall k d, is_derive (fun s => Lt th (upd a k s) b' W') 0 d -> d = 0.
Proof.
move=> a0 hm; have [r [r0 h]] := perturbed_minimum a0 hm.
exists r; split => // b' W' hb hW k d; have [s [s0 hs]] := h b' W' hb hW.
apply: (fermat s0) => t ht.
have -> : upd a k 0 = a by apply: functional_extensionality => i; rewrite /upd; case: eqP => // ->.
apply: hs => [i|i|i j]; try exact: Rabs_same.
by rewrite /upd; case: eqP => [->|_]; [rewrite a0 Rminus_0_r|exact: Rabs_same].
Qed.

(** ... in terms of the gradients of the losses *)
Lemma perturbation_moments th a b W g : (forall k, a k = 0) -> local_min_aux th a b W ->
  (forall i, is_dgrad (loss i) (net th (x i)) (g i)) ->
  exists r, 0 < r /\ forall (k : 'I_dy) (w : vec dx), (forall j, Rabs (w j - W k j) < r) ->
    \rsum_(i < m) (g i k * exp (b k) * exp (dot w (x i))) = 0.
Proof.
move=> a0 hm hg; have [r [r0 h]] := perturbation a0 hm; exists r; split => // k w hw.
pose W' i := if i == k then w else W i.
have hg' i : is_dgrad (loss i) (aug th a b W' (x i)) (g i) by rewrite aug_a0.
have D := dLt_da lambda hg' k; rewrite a0 in D.
have hW i j : Rabs (W' i j - W i j) < r by rewrite /W'; case: eqP => [->|_]; [exact: hw|exact: Rabs_same].
have := h b W' (fun i => Rabs_same _ r0) hW k _ D.
rewrite /dA a0 !Rmult_0_r Rplus_0_r => z; have im := invm_pos m_pos.
case: (Rmult_integral _ _ z) => {}z; first by lra.
rewrite -[RHS]z; apply: eq_bigr => i _.
by rewrite /W' eqxx exp_plus; ring.
Qed.

(** *** Step 3: grouped gradients vanish *)
Lemma local_min_grouped th a b W g : (forall k, a k = 0) -> local_min_aux th a b W ->
  (forall i, is_dgrad (loss i) (net th (x i)) (g i)) ->
  forall z k, \rsum_(i < m | same x i z) g i k = 0.
Proof.
move=> a0 hmin hg z k.
have [r [r0 h]] := perturbation_moments a0 hmin hg.
have := independence_grouped r0 (h k) z.
rewrite rsum_scal_r => E; case: (Rmult_integral _ _ E) => // e0.
by have := exp_pos (b k); lra.
Qed.

(** *** Step 4: convexity *)
Lemma grouped_global th g :
  (forall i, convex (loss i)) ->
  (forall i, is_dgrad (loss i) (net th (x i)) (g i)) ->
  (forall z k, \rsum_(i < m | same x i z) g i k = 0) ->
  forall q : vec dx -> vec dy, L th <= risk q.
Proof.
move=> cv hg hz q.
rewrite /Objective.L /Objective.risk; apply: Rmult_le_compat_l; first by have := invm_pos m_pos; lra.
have Z : \rsum_(i < m) (\rsum_(k < dy) (g i k * (q (x i) k - net th (x i) k))) = 0.
  rewrite exchange_big /=; apply: rsum_0 => k _.
  exact: (group_sum (fun z => hz z k) (fun z => q z k - net th z k)).
have E : \rsum_(i < m) loss i (net th (x i)) =
  \rsum_(i < m) (loss i (net th (x i)) + \rsum_(k < dy) (g i k * (q (x i) k - net th (x i) k))).
  by rewrite rsum_plus Z Rplus_0_r.
by rewrite E; apply: rsum_le => i _; exact: convex_first_order.
Qed.

(** ** The theorems *)

(** a = 0 given, lambda arbitrary *)
Lemma elimination_core th a b W g : (forall k, a k = 0) ->
  (forall i, convex (loss i)) ->
  (forall i, is_dgrad (loss i) (net th (x i)) (g i)) ->
  local_min_aux th a b W ->
    (forall z k, \rsum_(i < m | same x i z) g i k = 0) /\
    (forall q : vec dx -> vec dy, L th <= risk q) /\ Lt th a b W = L th.
Proof.
move=> a0 cv hg hmin; have gz := local_min_grouped a0 hmin hg.
by split => //; split; [exact: (grouped_global cv hg gz)|exact: Lt_a0].
Qed.

(** lambda > 0: the losses need a directional gradient only at the network's own outputs *)
Theorem elimination_at th a b W g : 0 < lambda ->
  (forall i, convex (loss i)) ->
  (forall i, is_dgrad (loss i) (net th (x i)) (g i)) ->
  local_min_aux th a b W ->
    (forall k, a k = 0) /\ (forall z k, \rsum_(i < m | same x i z) g i k = 0) /\
    (forall q : vec dx -> vec dy, L th <= risk q) /\ Lt th a b W = L th.
Proof.
move=> l0 cv hg hmin; have a0 := vanishing_at_minima l0 hmin.
by split => //; exact: elimination_core.
Qed.

(** elimination *)
Theorem elimination th a b W : 0 < lambda ->
  (forall i, convex (loss i)) -> (forall i, gdifferentiable (loss i)) ->
  local_min_aux th a b W ->
    (forall k, a k = 0) /\ grouped_grad_zero th /\
    (forall q : vec dx -> vec dy, L th <= risk q) /\ Lt th a b W = L th.
Proof.
move=> l0 cv df hmin; have [g hg] := grads x net th df.
have [a0 [gz [hq hL]]] := elimination_at l0 cv hg hmin.
by split => //; split => // g' hg'; exact: (local_min_grouped a0 hmin hg').
Qed.

(** lambda of either sign *)
Theorem elimination_signed th a b W : lambda <> 0 ->
  (forall i, convex (loss i)) -> (forall i, gdifferentiable (loss i)) ->
  local_min_aux th a b W ->
    (forall k, a k = 0) /\ grouped_grad_zero th /\
    (forall q : vec dx -> vec dy, L th <= risk q) /\ Lt th a b W = L th.
Proof.
move=> l0 cv df hmin; have [g hg] := grads x net th df.
have a0 := vanishing_at_minima_signed df l0 hmin.
have [_ [hq hL]] := elimination_core a0 cv hg hmin.
by split => //; split => // g' hg'; exact: (local_min_grouped a0 hmin hg').
Qed.

End Main.

(** ** labels_consistent: the per-sample form *)
Section PerSample.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Y Theta : Type) (y : 'I_m -> Y)
  (net : Theta -> vec dx -> vec dy) (ell : Y -> vec dy -> R) (lambda : R).
Hypothesis m_pos : (0 < m)%N.
Hypothesis lambda_pos : 0 < lambda.
Hypothesis labels_consistent : forall i i', x i = x i' -> y i = y i'.
Let loss (i : 'I_m) := ell (y i).

(** the gradient of each single sample vanishes; no convexity *)
Theorem per_sample_gradient th a b W : (forall i, gdifferentiable (loss i)) ->
  local_min_aux x net loss lambda th a b W ->
  forall i g, is_dgrad (loss i) (net th (x i)) g -> forall k, g k = 0.
Proof.
move=> df hm i g hg k.
have [G hG] := grads x net th df.
have E := local_min_grouped m_pos (vanishing_at_minima lambda_pos hm) hm hG (x i) k.
have {}E : (\rsum_(i' < m | same x i' (x i)) 1) * g k = 0.
  rewrite -rsum_scal_r -[RHS]E; apply: eq_bigr => i' /sameP e.
  have hg' : is_dgrad (loss i) (net th (x i)) (G i').
    by have := hG i'; rewrite /loss e (labels_consistent e).
  by rewrite Rmult_1_l (is_dgrad_unique hg' hg).
case: (Rmult_integral _ _ E) => // N0.
have ii : same x i (x i) by apply/sameP.
have N1 : \rsum_(i' < m | same x i' (x i)) 1 = 1 + \rsum_(i0 < m | same x i0 (x i) && (i0 != i)) 1.
  exact: (bigD1 i ii).
have : 0 <= \rsum_(i0 < m | same x i0 (x i) && (i0 != i)) 1 by apply: rsum_ge0 => j _; lra.
by lra.
Qed.

(** with convexity: each single loss is at its own minimum *)
Theorem elimination_per_sample th a b W :
  (forall i, convex (loss i)) -> (forall i, gdifferentiable (loss i)) ->
  local_min_aux x net loss lambda th a b W ->
  forall i, (forall g, is_dgrad (loss i) (net th (x i)) g -> forall k, g k = 0) /\
            (forall q, loss i (net th (x i)) <= loss i q).
Proof.
move=> cv df hm i; have Z := per_sample_gradient df hm (i := i).
split => // q; have [g hg] := df i (net th (x i)).
have := convex_first_order (cv i) hg q.
by rewrite rsum_0 => [|k _]; [lra|rewrite (Z g hg k); ring].
Qed.
End PerSample.
