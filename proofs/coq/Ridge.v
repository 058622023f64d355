(** ridge: add mu |theta|^2, mu > 0, to Lt.  If the network has partial derivatives in theta, a point is a local
    minimum if and only if a = 0, theta = 0 and L(theta) is optimal among all functions of x.  So with weight decay
    local minima exist only if the zero network is optimal. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Vanishing Elimination Characterisation.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section Ridge.
Variables (m dx dy n : nat) (x : 'I_m -> vec dx)
  (net : vec n -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Hypothesis lambda_pos : 0 < lambda.
Hypothesis m_pos : (0 < m)%N.
Local Notation risk := (risk x loss).
Local Notation L := (L x net loss).
Local Notation aug := (aug net).
Local Notation Lt := (Lt x net loss lambda).

Variable mu : R.
Hypothesis mu_pos : 0 < mu.
Definition Ltmu th a b W := Lt th a b W + mu * (\rsum_(j < n) (th j * th j)).

Definition local_min_mu (th : vec n) (a b : vec dy) (W : 'I_dy -> vec dx) : Prop :=
  exists r : R, 0 < r /\ forall th' a' b' W',
    (forall j, Rabs (th' j - th j) < r) ->
    (forall k, Rabs (a' k - a k) < r) -> (forall k, Rabs (b' k - b k) < r) ->
    (forall k j, Rabs (W' k j - W k j) < r) -> Ltmu th a b W <= Ltmu th' a' b' W'.

Theorem ridge th a b W :
  (forall i, convex (loss i)) -> (forall i, differentiable (loss i)) ->
  (* f has partial derivatives in theta at this theta (at the training inputs) *)
  (forall i k j, ex_derive (fun t => net (shift th j t) (x i) k) 0) ->
  local_min_mu th a b W <->
    (forall j, th j = 0) /\ (forall k, a k = 0) /\ (forall q, L th <= risk q).
Proof.
move=> cv df fd.
have df' i : gdifferentiable (loss i) by exact: differentiable_gd.
split; last first.
  move=> [th0 [a0 opt]]; exists 1; split; first by lra.
  move=> th' a' b' W' _ _ _ _; rewrite /Ltmu Lt_a0 //.
  have -> : \rsum_(j < n) (th j * th j) = 0 by apply: rsum_0 => j _; rewrite th0; ring.
  have p1 : 0 <= mu * (\rsum_(j < n) (th' j * th' j)).
    by apply: Rmult_le_pos; [lra|apply: rsum_ge0 => j _; exact: Rle_0_sqr].
  have p2 : 0 <= lambda * (\rsum_(k < dy) (a' k * a' k)).
    by apply: Rmult_le_pos; [lra|apply: rsum_ge0 => k _; exact: Rle_0_sqr].
  by have := opt (aug th' a' b' W'); rewrite /Objective.Lt; lra.
move=> [r [r0 h]].
have hm : local_min_aux x net loss lambda th a b W.
  exists r; split => // a' b' W' ha hb hW.
  by have := h th a' b' W' (fun j => Rabs_same _ r0) ha hb hW; rewrite /Ltmu; lra.
have [a0 [_ [opt _]]] := elimination m_pos lambda_pos cv df' hm.
split; last by split.
move=> j.
have [g hg] := fin_all_exists (fun i => df i (net th (x i))).
pose c' i k := Derive (fun t => net (shift th j t) (x i) k) 0.
pose D := / INR m * (\rsum_(i < m) (\rsum_(k < dy) (g i k * c' i k))).
have dL : is_derive (fun t => L (shift th j t)) 0 D.
  apply: is_derive_scal; apply: is_derive_rsum => i _.
  apply: (@chain_curve dy (loss i) (fun t => net (shift th j t) (x i))).
    by rewrite shift0; exact: hg.
  by move=> k; apply: Derive_correct; exact: fd.
have D0 : D = 0.
  by apply: (fermat r0 _ dL) => t _; rewrite shift0; exact: opt.
have dP : is_derive (fun t => \rsum_(i < n) (shift th j t i * shift th j t i)) 0
    (\rsum_(i < n) (if i == j then 2 * th i else 0)).
  apply: is_derive_rsum => i _; rewrite /shift; case: (i == j); auto_derive => //; ring.
have sE : \rsum_(i < n) (if i == j then 2 * th i else 0) = 2 * th j.
  by rewrite (@rsum_single _ _ j) ?eqxx // => i /negbTE ->.
rewrite sE in dP.
have dT := is_derive_plus _ _ _ _ _ dL (is_derive_scal _ _ mu _ dP).
have z0 : plus D (mu * (2 * th j)) = 0.
  apply: (fermat r0 _ dT) => t ht; rewrite !shift0.
  have := h (shift th j t) a b W _ (fun k => Rabs_same _ r0) (fun k => Rabs_same _ r0)
            (fun k i => Rabs_same _ r0).
  rewrite /Ltmu !Lt_a0 //; apply => i; rewrite /shift.
  have -> : th i + (if i == j then t else 0) - th i = if i == j then t else 0 by ring.
  by case: eqP => // _; rewrite Rabs_R0.
rewrite D0 /plus /= in z0.
apply: (Rmult_eq_reg_l (mu * 2)); last by lra.
by rewrite Rmult_0_r -[RHS]z0; ring.
Qed.

(** so local minima exist only if the zero network is optimal among all functions *)
Corollary ridge_zero_network th a b W :
  (forall i, convex (loss i)) -> (forall i, differentiable (loss i)) ->
  (forall i k j, ex_derive (fun t => net (shift th j t) (x i) k) 0) ->
  local_min_mu th a b W -> forall q, L (fun=> 0) <= risk q.
Proof.
move=> cv df fd /(ridge a b W cv df fd) [th0 [_ opt]] q.
have <- : th = fun=> 0 by apply: functional_extensionality.
exact: opt.
Qed.

End Ridge.
