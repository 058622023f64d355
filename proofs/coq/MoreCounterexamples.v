(** Hypotheses of the other theorems that cannot be dropped.  lambda_negative_local_not_global: for lambda < 0 a local minimum
    of Lt need not be global (Lt is unbounded below).  exp_neuron_needed_independence: a unit a e^b that ignores x still
    vanishes at local minima, which then need not be optimal.  loss_nonnegative_needed: without it a minimising sequence
    may have a unbounded.  f_differentiable_needed: ridge fails for a network that is not differentiable.
    dx_at_least_dy_needed: the residual theorem fails for dx < dy.  failure_mode_e_not_Lstar: V(theta) is not L*. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Vanishing Elimination Characterisation Losses FailureMode Ridge Residual Counterexamples.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

(** ** lambda < 0: one sample x = 0, y = 0, the zero network *)
Theorem lambda_negative_local_not_global (lambda : R) : lambda < 0 ->
  let loss := (fun _ : 'I_1 => sqloss (fun _ : 'I_1 => 0)) in
  let Lt' := Lt origin (@zero_net 1) loss lambda in
  local_min_aux origin (@zero_net 1) loss lambda 0 (fun=> 0) (fun=> 1 - lambda) (fun _ _ => 0) /\
  exists a b, Lt' 0 a b (fun _ _ => 0) < Lt' 0 (fun=> 0) (fun=> 1 - lambda) (fun _ _ => 0).
Proof.
move=> l0 loss Lt'; split; last first.
  exact: (lambda_negative_unbounded origin (@zero_net 1) loss 0 (fun _ _ => 0) l0 isT).
exists 1; split; first by lra.
move=> a b W _ hb _; have {}hb := hb ord0; have [_ b1] := Rabs_def2 _ _ hb.
have E a' b' W' : Lt origin (@zero_net 1) loss lambda 0 a' b' W' =
    a' ord0 * a' ord0 * (exp (b' ord0) * exp (b' ord0) + lambda).
  rewrite /Lt /risk /loss /sqloss /aug /zero_net /dot /origin !rsum1 /=.
  have -> : W' ord0 ord0 * 0 + b' ord0 = b' ord0 by ring.
  by field.
rewrite !E; move: (a ord0) (b ord0) b1 => u v v1.
have e1 : 1 + v < exp v by apply: exp_ineq1; lra.
have a0 : 0 <= u * u by exact: Rle_0_sqr.
have : 0 <= u * u * (exp v * exp v + lambda) by apply: Rmult_le_pos => //; nra.
by lra.
Qed.

(** ** exp_neuron, its second use: inputs 1, -1, labels 1, -1, the zero network, unit a e^b *)
Theorem exp_neuron_needed_independence (lambda : R) : 0 < lambda ->
  let F a b := ((a * exp b - 1) * (a * exp b - 1) + (a * exp b + 1) * (a * exp b + 1)) / 2 + lambda * (a * a) in
  let loss := fun i : 'I_2 => sqloss (pm i) in
  (forall b a' b', F 0 b <= F a' b') /\
  (forall a b, F a b = risk pm loss (fun z k => zero_net 0 z k + a * exp b) + lambda * (a * a)) /\
  ~ (forall q, L pm (@zero_net 1) loss 0 <= risk pm loss q).
Proof.
move=> l0 F loss; split.
  move=> b a' b'; rewrite /F; set u := a' * exp b'.
  have := Rle_0_sqr u; rewrite /Rsqr.
  by have : 0 <= lambda * (a' * a') by [apply: Rmult_le_pos; [lra|exact: Rle_0_sqr]]; lra.
split.
  move=> a b; rewrite /F /risk /loss /sqloss /zero_net /pm !big_ord_recl !big_ord0 /= /bump /=.
  by field.
move=> /(_ (fun v _ => v ord0)).
by rewrite /L /risk /loss /sqloss /zero_net /pm !big_ord_recl !big_ord0 /= /bump /=; lra.
Qed.

Lemma INR_large A : exists n, A < INR n.
Proof.
have [N h] := proj2 (is_lim_seq_spec _ _) is_lim_seq_INR A.
by exists N; exact: h (le_n N).
Qed.

(** ** loss_nonnegative: the loss l(q) = q; a minimising sequence with a unbounded *)
Theorem loss_nonnegative_needed (lambda : R) : 0 < lambda ->
  let loss := fun (_ : 'I_1) (p : vec 1) => p ord0 in
  (forall i, convex (loss i)) /\ (forall i, gdifferentiable (loss i)) /\
  (exists q, risk origin loss q < L origin (@zero_net 1) loss 0) /\
  exists (a b : nat -> vec 1) (W : nat -> 'I_1 -> vec 1),
    is_lim_seq (fun n => Lt origin (@zero_net 1) loss lambda 0 (a n) (b n) (W n)) (inf_aug origin (@zero_net 1) loss lambda 0) /\
    forall A, exists n k, A < Rabs (a n k).
Proof.
move=> l0 loss; split; first by move=> i p q t _; rewrite /loss; lra.
split.
  by move=> i p; exists (fun=> 1) => h; rewrite rsum1 /loss; auto_derive => //; ring.
split.
  by exists (fun _ _ => -1); rewrite /L /risk /loss /zero_net !rsum1 /=; lra.
pose a (n : nat) : vec 1 := fun=> - INR n.
pose b (n : nat) : vec 1 := fun=> (1 + lambda) * INR n.
pose W (n : nat) : 'I_1 -> vec 1 := fun _ _ => 0.
have small n : Lt origin (@zero_net 1) loss lambda 0 (a n) (b n) (W n) <= - INR n.
  have -> : Lt origin (@zero_net 1) loss lambda 0 (a n) (b n) (W n) =
      - INR n * exp ((1 + lambda) * INR n) + lambda * (INR n * INR n).
    rewrite /Lt /risk /loss /aug /zero_net /dot /origin /a /b /W !rsum1 /=.
    have -> : 0 * 0 + (1 + lambda) * INR n = (1 + lambda) * INR n by ring.
    by field.
  have n0 := pos_INR n.
  have e1 : 1 + (1 + lambda) * INR n <= exp ((1 + lambda) * INR n).
    case: (Req_dec ((1 + lambda) * INR n) 0) => [->|ne]; first by rewrite exp_0; lra.
    by apply: Rlt_le; exact: exp_ineq1.
  have := Rmult_le_compat_l _ _ _ n0 e1.
  have := Rmult_le_pos _ _ n0 n0.
  by lra.
have lim : is_lim_seq (fun n => Lt origin (@zero_net 1) loss lambda 0 (a n) (b n) (W n)) m_infty.
  apply: (is_lim_seq_le_m_loc (fun n => - INR n)); first by exists 0%N => n _.
  have /is_lim_seq_opp := is_lim_seq_INR; exact: is_lim_seq_ext.
exists a, b, W; split; last first.
  move=> A; have [N hN] := INR_large A; exists N, ord0.
  by rewrite /a Rabs_Ropp; have := Rle_abs (INR N); lra.
suff -> : inf_aug origin (@zero_net 1) loss lambda 0 = m_infty by [].
have [lb _] := Glb_Rbar_correct (fun v => exists a b W, v = Lt origin (@zero_net 1) loss lambda 0 a b W).
have low n : Rbar_le (inf_aug origin (@zero_net 1) loss lambda 0) (- INR n).
  by apply: (Rbar_le_trans _ (Lt origin (@zero_net 1) loss lambda 0 (a n) (b n) (W n)));
    [apply: lb; exists (a n), (b n), (W n)|exact: small].
move: low; case: (inf_aug _ _ _ _ _) => [v| |] low //; last by have := low 0%N.
have [N hN] := INR_large (- v).
by have := low N; rewrite /=; lra.
Qed.

(** ** f_differentiable: a network with a jump at theta = 1 (one sample x = 0, y = 1).  With weight decay, theta = 1 and
    a = 0 is a local minimum although theta <> 0 *)
Definition jump_net (th : vec 1) (z : vec 1) : vec 1 := fun=> if Rle_dec 1 (th ord0) then 1 else 0.

Theorem f_differentiable_needed (lambda mu : R) : 0 < lambda -> 0 < mu ->
  local_min_mu origin jump_net label_one lambda mu (fun=> 1) (fun=> 0) (fun=> 0) (fun _ _ => 0).
Proof.
move=> l0 m0; pose r := / (8 * (1 + mu)).
have r0 : 0 < r by apply: Rinv_0_lt_compat; lra.
have rE : r * (8 * (1 + mu)) = 1 by rewrite /r Rinv_l //; lra.
have r1 : r <= / 8 by apply: (Rmult_le_reg_r 8); [lra|rewrite Rinv_l; [nra|lra]].
exists r; split => // th a b W hth ha hb _.
have E th' a' b' W' : Ltmu origin jump_net label_one lambda mu th' a' b' W' =
    (jump_net th' (origin ord0) ord0 + a' ord0 * exp (b' ord0) - 1) * (jump_net th' (origin ord0) ord0 + a' ord0 * exp (b' ord0) - 1)
    + lambda * (a' ord0 * a' ord0) + mu * (th' ord0 * th' ord0).
  rewrite /Ltmu /Lt /risk /label_one /sqloss /aug /dot /origin !rsum1 /=.
  have -> : W' ord0 ord0 * 0 + b' ord0 = b' ord0 by ring.
  by field.
rewrite !E /jump_net.
have {}hth := hth ord0; have {}ha := ha ord0; have {}hb := hb ord0.
have -> : (if Rle_dec 1 1 then 1 else 0) = 1 by case: Rle_dec => h1 //; lra.
move: (th ord0) (a ord0) (b ord0) hth ha hb => t u v /Rabs_def2 [t1 t2] /Rabs_def2 [u1 u2] /Rabs_def2 [v1 v2].
have la : 0 <= lambda * (u * u) by apply: Rmult_le_pos; [lra|exact: Rle_0_sqr].
have -> : (1 + 0 * exp 0 - 1) * (1 + 0 * exp 0 - 1) + lambda * (0 * 0) + mu * (1 * 1) = mu by ring.
case: Rle_dec => ht /=.
  have : mu * 1 <= mu * (t * t) by apply: Rmult_le_compat_l; [lra|nra].
  by have := Rle_0_sqr (1 + u * exp v - 1); rewrite /Rsqr; lra.
have ev : exp v < 3.
  have v3 : v < 1 by lra.
  by have := exp_increasing _ _ v3; have := exp_le_3; lra.
have e0 := exp_pos v.
have ue : u * exp v <= 3 / 8 by nra.
have sq : / 4 <= (0 + u * exp v - 1) * (0 + u * exp v - 1) by nra.
have : mu * (1 - t * t) <= / 4.
  have tt : 1 - t * t <= 2 * r by nra.
  apply: (Rle_trans _ (mu * (2 * r))); first by apply: Rmult_le_compat_l; lra.
  by nra.
by lra.
Qed.

(** ** failure_mode_e: V(theta) is in general not L*.  Inputs 0 and 1, labels 1 and -1, the zero network: L* = 0 but no
    single exponential comes below 1/2 *)
Definition two_x (i : 'I_2) : vec 1 := fun=> INR i.
Definition two_y (i : 'I_2) : vec 1 := fun=> 1 - 2 * INR i.

Theorem failure_mode_e_not_Lstar (lambda : R) : 0 <= lambda ->
  let loss := fun i => sqloss (two_y i) in
  Rbar_le (/ 2) (inf_aug two_x (@zero_net 1) loss lambda 0) /\ exists q, risk two_x loss q = 0.
Proof.
move=> l0 loss; split; last first.
  exists (fun z k => 1 - 2 * z ord0).
  by rewrite /risk /loss /sqloss /two_x /two_y !big_ord_recl !big_ord0 /= /bump /=; field.
rewrite failure_mode_e //.
have [_ gl] := Glb_Rbar_correct (fun v => exists c W, v = exp_risk two_x (@zero_net 1) loss 0 c W).
apply: gl => v [c [W ->]].
rewrite /= /exp_risk /risk /loss /sqloss /two_x /two_y /zero_net /dot !big_ord_recl !big_ord0 /= /bump /=.
move: (c ord0) (W ord0 ord0) => u w.
have -> : w * 0 + 0 = 0 by ring.
rewrite exp_0; have e0 := exp_pos (w * 1 + 0).
case: (Rle_or_lt 0 u) => u0.
  have : 0 <= u * exp (w * 1 + 0) by apply: Rmult_le_pos; lra.
  by move: (u * exp (w * 1 + 0)) => s s0; have := Rle_0_sqr (u - 1); rewrite /Rsqr; nra.
by move: (u * exp (w * 1 + 0)) => s; have := Rle_0_sqr (s + 1); rewrite /Rsqr; nra.
Qed.

(** ** residual: dx >= dy cannot be dropped (dx = 1, dy = dz = 2, x_i = 0, z_i = y_i = e_i):
    W V has rank one, so a GLOBAL minimum of the residual network is worse than A x + B z with B = I *)
Definition delta2 (i l : 'I_2) : R := if i == l then 1 else 0.
Definition delta1 (i : 'I_2) : R := if i == ord0 then 1 else 0.

Theorem dx_at_least_dy_needed :
  let x := (fun _ : 'I_2 => fun _ : 'I_1 => 0) in
  let loss := fun i : 'I_2 => sqloss (delta2 i) in
  let W0 : 'I_2 -> vec 1 := fun k _ => delta1 k in
  let V0 : 'I_1 -> vec 2 := fun _ l => delta1 l in
  (forall W V, Lres x delta2 loss W0 V0 <= Lres x delta2 loss W V) /\
  Lin x delta2 loss (fun _ _ => 0) delta2 < Lres x delta2 loss W0 V0.
Proof.
move=> x loss W0 V0.
have E W V : Lres x delta2 loss W V = / 2 *
   ((W ord0 ord0 * V ord0 ord0 - 1) * (W ord0 ord0 * V ord0 ord0 - 1)
   + (W (lift ord0 ord0) ord0 * V ord0 ord0) * (W (lift ord0 ord0) ord0 * V ord0 ord0)
   + (W ord0 ord0 * V ord0 (lift ord0 ord0)) * (W ord0 ord0 * V ord0 (lift ord0 ord0))
   + (W (lift ord0 ord0) ord0 * V ord0 (lift ord0 ord0) - 1) * (W (lift ord0 ord0) ord0 * V ord0 (lift ord0 ord0) - 1)).
  rewrite /Lres /loss /sqloss /out /hid /dot /x /delta2 !big_ord_recl !big_ord0 /=.
  by field.
have E0 : Lres x delta2 loss W0 V0 = / 2 by rewrite E /W0 /V0 /delta1 /=; field.
split; last first.
  have -> : Lin x delta2 loss (fun _ _ => 0) delta2 = 0.
    rewrite /Lin /loss /sqloss /dot /x /delta2 !big_ord_recl !big_ord0 /=.
    by field.
  by rewrite E0; lra.
move=> W V; rewrite E0 E.
set w0 := W _ _; set w1 := W _ _; set v0 := V _ _; set v1 := V _ _.
have key : 1 <= (w0 * v0 - 1) * (w0 * v0 - 1) + w1 * v0 * (w1 * v0) + w0 * v1 * (w0 * v1) + (w1 * v1 - 1) * (w1 * v1 - 1).
  have s1 := Rle_0_sqr (w0 * v0 + w1 * v1 - 1); rewrite /Rsqr in s1.
  have s2 := Rle_0_sqr (w1 * v0 - w0 * v1); rewrite /Rsqr in s2.
  have s3 := Rle_0_sqr (w1 * v0 + w0 * v1); rewrite /Rsqr in s3.
  by nra.
by lra.
Qed.

