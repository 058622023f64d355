(** Hypotheses of elimination that cannot be dropped, one theorem each, named <hypothesis>_needed: bias,
    lambda_positive, loss_convex, loss_differentiable, unbounded_domain, exp_neuron, labels_consistent (per-sample
    form).  Each states that the other hypotheses hold where this is not a lemma of Losses.v.
    homogeneous_vanishing: for ReLU and other homogeneous units a = 0 still holds at local minima; relu_dead: but
    optimality fails. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Vanishing Elimination Characterisation Losses.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

(** ** labels_consistent (per-sample form): two labels for one input; a local (even global) minimum of Lt whose
    per-sample gradients do not vanish although the grouped ones do *)
Definition zero_net dx (th : R) (v : vec dx) : vec 1 := fun=> 0.

Theorem labels_consistent_needed (lambda : R) : 0 < lambda ->
  let x := (fun _ : 'I_2 => fun _ : 'I_1 => 0) in
  let y := (fun i : 'I_2 => fun _ : 'I_1 => 1 - 2 * INR i) in
  let loss := fun i => sqloss (y i) in
  forall b W,
  local_min_aux x (@zero_net 1) loss lambda 0 (fun=> 0) b W /\
  (exists g, is_dgrad (loss ord0) (@zero_net 1 0 (x ord0)) g /\ g ord0 <> 0) /\
  L x (@zero_net 1) loss 0 = 1 /\ (forall q, 1 <= risk x loss q).
Proof.
move=> l0 x y loss b W.
have L1 : L x (@zero_net 1) loss 0 = 1.
  rewrite /L /risk /loss /sqloss /zero_net /y !big_ord_recl !big_ord0 /= /bump /=.
  by field.
have opt q : 1 <= risk x loss q.
  rewrite /risk /loss /sqloss /x /y !big_ord_recl !big_ord0 /= /bump /=.
  set u := q _ _.
  have := Rle_0_sqr u; rewrite /Rsqr => u2.
  have -> : / (1 + 1) * ((u - (1 - 2 * 0)) * (u - (1 - 2 * 0)) + 0 +
     ((u - (1 - 2 * 1)) * (u - (1 - 2 * 1)) + 0 + 0)) = 1 + u * u by field.
  by lra.
have cv i : convex (loss i) by exact: sqloss_convex.
have df i : gdifferentiable (loss i) by apply: differentiable_gd; exact: sqloss_differentiable.
split.
  exists 1; split; first by lra.
  move=> a' b' W' _ _ _; rewrite Lt_a0 // L1 /Lt.
  have p : 0 <= lambda * (\rsum_(k < 1) (a' k * a' k)).
    by apply: Rmult_le_pos; [lra|apply: rsum_ge0 => k _; exact: Rle_0_sqr].
  by have := opt (aug (@zero_net 1) 0 a' b' W'); lra.
split; last by [].
exists (fun k => 2 * (0 - y ord0 k)); split; first by apply: is_grad_dgrad; exact: sqloss_grad.
by rewrite /y /=; lra.
Qed.

(** ** bias: without its own bias the unit can have a strict local minimum with a <> 0 *)
Definition pm (i : 'I_2) : vec 1 := fun=> 1 - 2 * INR i.   (* inputs 1, -1 *)

Lemma no_bias_formula (a w : R) :
  Lt pm (@zero_net 1) (fun i => sqloss (fun _ : 'I_1 => 1)) (/ 10) 0 (fun=> a) (fun=> 0) (fun _ _ => w)
  = ((a * exp w - 1) * (a * exp w - 1) + (a * exp (- w) - 1) * (a * exp (- w) - 1)) / 2 + a * a / 10.
Proof.
rewrite /Lt /risk /aug /sqloss /zero_net /pm !rsum1 !big_ord_recl !big_ord0 /= /dot !rsum1 /bump /=.
have -> : w * (1 - 2 * 0) + 0 = w by ring.
have -> : w * (1 - 2 * 1) + 0 = - w by ring.
by field.
Qed.

Theorem bias_needed :
  let F a w := ((a * exp w - 1) * (a * exp w - 1) + (a * exp (- w) - 1) * (a * exp (- w) - 1)) / 2
               + a * a / 10 in
  (* (10/11, 0) is a strict local minimum ... *)
  (forall a w, Rabs (a - 10 / 11) < / 4 -> (a <> 10 / 11 \/ w <> 0) -> F (10 / 11) 0 < F a w) /\
  (* ... of the augmented loss with the bias frozen at 0, with a <> 0, and theta is not optimal *)
  (forall a w, F a w = Lt pm (@zero_net 1) (fun i => sqloss (fun _ : 'I_1 => 1)) (/ 10) 0
      (fun=> a) (fun=> 0) (fun _ _ => w)) /\
  ~ (forall q, L pm (@zero_net 1) (fun i => sqloss (fun _ : 'I_1 => 1)) 0
       <= risk pm (fun i => sqloss (fun _ : 'I_1 => 1)) q).
Proof.
move=> F; split; last first.
  split; first by move=> a w; rewrite no_bias_formula.
  move=> /(_ (fun _ _ => 1)).
  by rewrite /L /risk /sqloss /zero_net !big_ord_recl !big_ord0 /=; lra.
have F0 : F (10 / 11) 0 = / 11.
  by rewrite /F Ropp_0 exp_0; field.
move=> a w ha ne; rewrite F0.
have [a1 a2] := Rabs_def2 _ _ ha.
pose c := (exp w + exp (- w)) / 2.
have ee : exp w * exp (- w) = 1 by rewrite -exp_plus Rplus_opp_r exp_0.
have ep := exp_pos w; have en := exp_pos (- w).
have FE : F a w = / 11 + 2 * a * (c - 1) * (a * (c + 1) - 1) + 11 / 10 * ((a - 10 / 11) * (a - 10 / 11)).
  have -> : F a w = (a * a * (4 * (c * c) - 2 * (exp w * exp (- w))) - 2 * a * (2 * c) + 2) / 2 + a * a / 10.
    by rewrite /F /c; field.
  by rewrite ee; field.
have c1 : 1 <= c.
  have : 0 <= (exp w - 1) * (exp w - 1) by exact: Rle_0_sqr.
  move=> s; have : 0 <= (exp w - 1) * (exp w - 1) * exp (- w) by apply: Rmult_le_pos; lra.
  have -> : (exp w - 1) * (exp w - 1) * exp (- w) =
     (exp w * exp (- w)) * exp w - 2 * (exp w * exp (- w)) + exp (- w) by ring.
  by rewrite ee /c; lra.
have ac : 0 < a * (c + 1) - 1.
  have : a * (1 + 1) <= a * (c + 1) by apply: Rmult_le_compat_l; lra.
  by lra.
have s0 : 0 <= (a - 10 / 11) * (a - 10 / 11) by exact: Rle_0_sqr.
have t0 : 0 <= 2 * a * (c - 1) by apply: Rmult_le_pos; lra.
have t1 : 0 <= 2 * a * (c - 1) * (a * (c + 1) - 1) by apply: Rmult_le_pos; lra.
rewrite FE; case: (Req_dec w 0) => [w0|wn].
  have an : a - 10 / 11 <> 0 by case: ne => //; lra.
  have : 0 < (a - 10 / 11) * (a - 10 / 11) by exact: Rsqr_pos_lt.
  by lra.
have c2 : 1 < c.
  have en1 : exp w - 1 <> 0.
    by move=> e; apply: wn; apply: exp_inv; rewrite exp_0; lra.
  have s : 0 < (exp w - 1) * (exp w - 1) by exact: Rsqr_pos_lt.
  have : 0 < (exp w - 1) * (exp w - 1) * exp (- w) by apply: Rmult_lt_0_compat.
  have -> : (exp w - 1) * (exp w - 1) * exp (- w) =
     (exp w * exp (- w)) * exp w - 2 * (exp w * exp (- w)) + exp (- w) by ring.
  by rewrite ee /c; lra.
have t2 : 0 < 2 * a * (c - 1) * (a * (c + 1) - 1).
  by apply: Rmult_lt_0_compat => //; apply: Rmult_lt_0_compat; lra.
by lra.
Qed.

(** ** loss_differentiable: the absolute loss *)
Definition absloss (y : R) (p : vec 1) : R := Rabs (p ord0 - y).

Lemma absloss_convex y : convex (absloss y).
Proof.
move=> p q t [t0 t1]; rewrite /absloss.
have -> : (1 - t) * p ord0 + t * q ord0 - y = (1 - t) * (p ord0 - y) + t * (q ord0 - y) by ring.
apply: Rle_trans (Rabs_triang _ _) _; rewrite !Rabs_mult (Rabs_right (1 - t)) ?(Rabs_right t); lra.
Qed.

Theorem loss_differentiable_needed (lambda : R) : 0 < lambda ->
  let loss := fun i : 'I_2 => absloss (INR i) in       (* inputs 1, -1; labels 0, 1; zero network *)
  (forall i, convex (loss i)) /\
  (forall b : R, local_min_aux pm (@zero_net 1) loss lambda 0 (fun=> 0) (fun=> b) (fun _ _ => 1)) /\
  ~ (forall q, L pm (@zero_net 1) loss 0 <= risk pm loss q).
Proof.
move=> l0 loss; split; first by move=> i; exact: absloss_convex.
have L0 : L pm (@zero_net 1) loss 0 = / 2.
  rewrite /L /risk /loss /absloss /zero_net !big_ord_recl !big_ord0 /= /bump /=.
  have -> : 0 - 0 = 0 by ring.
  by rewrite Rabs_R0 Rabs_left; lra.
split; last first.
  move=> /(_ (fun v _ => (1 - v ord0) / 2)); rewrite L0.
  rewrite /risk /loss /absloss /pm !big_ord_recl !big_ord0 /= /bump /=.
  have -> : (1 - (1 - 2 * 0)) / 2 - 0 = 0 by field.
  have -> : (1 - (1 - 2 * 1)) / 2 - 1 = 0 by field.
  by rewrite Rabs_R0; lra.
move=> b; exists 1; split; first by lra.
move=> a' b' W' _ _ hW; rewrite Lt_a0 // L0 /Lt.
have p : 0 <= lambda * (\rsum_(k < 1) (a' k * a' k)).
  by apply: Rmult_le_pos; [lra|apply: rsum_ge0 => k _; exact: Rle_0_sqr].
suff : / 2 <= risk pm loss (aug (@zero_net 1) 0 a' b' W') by lra.
rewrite /risk /loss /absloss /aug /zero_net /pm /dot !big_ord_recl !big_ord0 /= /bump /=.
set a := a' ord0; set B := b' ord0; set w := W' ord0 ord0.
have w0 : 0 < w by have [] := Rabs_def2 _ _ (hW ord0 ord0); rewrite -/w; lra.
have -> : w * (1 - 2 * 0) + 0 + B = w + B by ring.
have -> : w * (1 - 2 * 1) + 0 + B = - w + B by ring.
have e1 := exp_pos (- w + B).
have e2 : exp (- w + B) < exp (w + B) by apply: exp_increasing; lra.
have -> : 0 + a * exp (w + B) - 0 = a * exp (w + B) by ring.
rewrite Rabs_mult (Rabs_right (exp _)); last by lra.
have h1 := Rle_abs (- (0 + a * exp (- w + B) - 1)); rewrite Rabs_Ropp in h1.
have h2 : Rabs a * exp (- w + B) <= Rabs a * exp (w + B) by apply: Rmult_le_compat_l; [exact: Rabs_pos|lra].
have h3 : a * exp (- w + B) <= Rabs a * exp (- w + B).
  by apply: Rmult_le_compat_r; [lra|exact: Rle_abs].
by lra.
Qed.

(** one sample x = 0, y = 1, the zero network *)
Definition origin (i : 'I_1) : vec 1 := fun=> 0.
Definition label_one (i : 'I_1) : vec 1 -> R := sqloss (fun=> 1).

Lemma one_sample_formula (lambda : R) a b W : Lt origin (@zero_net 1) label_one lambda 0 a b W =
  (a ord0 * exp (b ord0) - 1) * (a ord0 * exp (b ord0) - 1) + lambda * (a ord0 * a ord0).
Proof.
rewrite /Lt /risk /label_one /sqloss /aug /zero_net /dot /origin !rsum1 /=.
have -> : W ord0 ord0 * 0 + b ord0 = b ord0 by ring.
by field.
Qed.

Lemma one_sample_not_optimal : ~ forall q, L origin (@zero_net 1) label_one 0 <= risk origin label_one q.
Proof.
move=> /(_ (fun _ _ => 1)).
by rewrite /L /risk /label_one /sqloss /zero_net !rsum1 /=; lra.
Qed.

(** ** unbounded_domain: with b restricted to b <= 0 the minimum sits on the boundary, with a <> 0, at a theta that
    is not optimal *)
Theorem unbounded_domain_needed (lambda : R) : 0 < lambda ->
  let Lt' := Lt origin (@zero_net 1) label_one lambda in
  (forall th' a' b' W', b' ord0 <= 0 -> Lt' 0 (fun=> / (1 + lambda)) (fun=> 0) (fun _ _ => 0) <= Lt' th' a' b' W') /\
  / (1 + lambda) <> 0 /\
  ~ (forall q, L origin (@zero_net 1) label_one 0 <= risk origin label_one q).
Proof.
move=> l0 Lt'; split; last first.
  by split; [apply: Rgt_not_eq; apply: Rinv_0_lt_compat; lra|exact: one_sample_not_optimal].
move=> th' a' b' W'; rewrite /Lt' -/(Lt' th') one_sample_formula.
have -> : Lt' th' a' b' W' = Lt' 0 a' b' W' by [].
rewrite /Lt' one_sample_formula; move: (a' ord0) (b' ord0) => a b b0.
pose F a b := (a * exp b - 1) * (a * exp b - 1) + lambda * (a * a).
rewrite -/(F (/ (1 + lambda)) 0) -/(F a b).
have -> : F (/ (1 + lambda)) 0 = lambda / (1 + lambda) by rewrite /F exp_0; field; lra.
pose u := a * exp b.
have eb : exp b <= 1.
  case: (Rle_lt_or_eq_dec _ _ b0) => [lt|->]; last by rewrite exp_0; lra.
  by apply: Rlt_le; rewrite -exp_0; exact: exp_increasing.
have ep := exp_pos b.
have ua : u * u <= a * a.
  have -> : u * u = a * a * (exp b * exp b) by rewrite /u; ring.
  have a2 : 0 <= a * a by exact: Rle_0_sqr.
  have e2 : exp b * exp b <= 1 by nra.
  by have := Rmult_le_compat_l _ _ _ a2 e2; lra.
have h : lambda * (u * u) <= lambda * (a * a) by apply: Rmult_le_compat_l; lra.
have : lambda / (1 + lambda) <= (u - 1) * (u - 1) + lambda * (u * u).
  have -> : (u - 1) * (u - 1) + lambda * (u * u) = lambda / (1 + lambda) +
    (1 + lambda) * ((u - / (1 + lambda)) * (u - / (1 + lambda))) by field; lra.
  have : 0 <= (1 + lambda) * ((u - / (1 + lambda)) * (u - / (1 + lambda))).
    by apply: Rmult_le_pos; [lra|exact: Rle_0_sqr].
  by lra.
by rewrite /F -/u; lra.
Qed.

(** ** exp_neuron *)
(** a unit a sigma(w x + b) with |sigma| <= 1 = sigma(0) (cosine, Gaussian, ...): global minimum a <> 0 *)
Theorem exp_neuron_needed (sigma : R -> R) (lambda : R) : 0 < lambda ->
  (forall t, Rabs (sigma t) <= 1) -> sigma 0 = 1 ->
  let F a b := (a * sigma b - 1) * (a * sigma b - 1) + lambda * (a * a) in
  forall a b, F (/ (1 + lambda)) 0 <= F a b.
Proof.
move=> l0 s1 s0 F a b.
have -> : F (/ (1 + lambda)) 0 = lambda / (1 + lambda) by rewrite /F s0; field; lra.
pose u := a * sigma b.
have ua : u * u <= a * a.
  have -> : u * u = a * a * (sigma b * sigma b) by rewrite /u; ring.
  have a2 : 0 <= a * a by exact: Rle_0_sqr.
  have e2 : sigma b * sigma b <= 1.
    have -> : sigma b * sigma b = Rabs (sigma b) * Rabs (sigma b).
      by rewrite -Rabs_mult Rabs_right //; apply: Rle_ge; exact: Rle_0_sqr.
    by have := s1 b; have := Rabs_pos (sigma b); nra.
  by have := Rmult_le_compat_l _ _ _ a2 e2; lra.
have h : lambda * (u * u) <= lambda * (a * a) by apply: Rmult_le_compat_l; lra.
have : lambda / (1 + lambda) <= (u - 1) * (u - 1) + lambda * (u * u).
  have -> : (u - 1) * (u - 1) + lambda * (u * u) = lambda / (1 + lambda) +
    (1 + lambda) * ((u - / (1 + lambda)) * (u - / (1 + lambda))) by field; lra.
  have : 0 <= (1 + lambda) * ((u - / (1 + lambda)) * (u - / (1 + lambda))).
    by apply: Rmult_le_pos; [lra|exact: Rle_0_sqr].
  by lra.
by rewrite /F -/u; lra.
Qed.

(** ReLU and other positively homogeneous units (degree 1 here): a = 0 at EVERY local minimum, by
    rescaling (a, w, b) -> (a / s, s w, s b), whatever the data term D of the unit's function is *)
Theorem homogeneous_vanishing (sigma : R -> R) (lambda : R) (D : (R -> R) -> R) (a w b : R) :
  0 < lambda -> (forall s t, 0 < s -> sigma (s * t) = s * sigma t) ->
  let F a w b := D (fun v => a * sigma (w * v + b)) + lambda * (a * a) in
  (exists r, 0 < r /\ forall a' w' b', Rabs (a' - a) < r -> Rabs (w' - w) < r -> Rabs (b' - b) < r ->
     F a w b <= F a' w' b') -> a = 0.
Proof.
move=> l0 hs F [r [r0 h]].
case: (Req_dec a 0) => // an; exfalso.
pose M := 1 + Rabs a + Rabs w + Rabs b.
have M1 : 1 <= M by rewrite /M; have := Rabs_pos a; have := Rabs_pos w; have := Rabs_pos b; lra.
pose e := r / M / 2.
have e0 : 0 < e by rewrite /e; have : 0 < r / M by [apply: Rdiv_lt_0_compat; lra]; lra.
have eM : e * M < r by have -> : e * M = r / 2 by [rewrite /e; field; lra]; lra.
pose s := 1 + e.
have small u : Rabs u <= M -> Rabs (s * u - u) < r.
  move=> hu; have -> : s * u - u = e * u by rewrite /s; ring.
  rewrite Rabs_mult (Rabs_right e); last by lra.
  by have : e * Rabs u <= e * M by [apply: Rmult_le_compat_l; lra]; lra.
have smalla : Rabs (a / s - a) < r.
  have -> : a / s - a = - (e / s * a) by rewrite /s; field; lra.
  rewrite Rabs_Ropp Rabs_mult (Rabs_right (e / s)); last first.
    by apply: Rle_ge; apply: Rdiv_le_0_compat; rewrite /s; lra.
  have es : e / s <= e.
    by apply: (Rmult_le_reg_r s); rewrite /s; [lra|have -> : e / (1 + e) * (1 + e) = e by [field; lra]; nra].
  have : e / s * Rabs a <= e * Rabs a by apply: Rmult_le_compat_r => //; exact: Rabs_pos.
  have : e * Rabs a <= e * M.
    by apply: Rmult_le_compat_l; [lra|rewrite /M; have := Rabs_pos w; have := Rabs_pos b; lra].
  by lra.
have pa := Rabs_pos a; have pw := Rabs_pos w; have pb := Rabs_pos b.
have := h (a / s) (s * w) (s * b) smalla (small w _) (small b _); rewrite /F.
have -> : (fun v => a / s * sigma (s * w * v + s * b)) = (fun v => a * sigma (w * v + b)).
  apply: functional_extensionality => v.
  have -> : s * w * v + s * b = s * (w * v + b) by ring.
  by rewrite hs; [field|]; rewrite /s; lra.
move=> /(_ _ _) H; have {}H := H ltac:(rewrite /M; lra) ltac:(rewrite /M; lra).
have p : 0 < a * a by exact: Rsqr_pos_lt.
have : lambda * (a * a) <= lambda * (a / s * (a / s)) by lra.
have -> : a / s * (a / s) = a * a / (s * s) by rewrite /s; field; lra.
have : a * a / (s * s) < a * a.
  apply: (Rmult_lt_reg_r (s * s)); first by rewrite /s; nra.
  have -> : a * a / (s * s) * (s * s) = a * a by rewrite /s; field; lra.
  have : 1 < s * s by rewrite /s; nra.
  by nra.
by move=> lt; have := Rmult_lt_compat_l _ _ _ l0 lt; lra.
Qed.

(** what fails for ReLU is optimality: a dead unit is a local minimum with a = 0 (x = 0, y = 1, f = 0) *)
Theorem relu_dead (lambda : R) : 0 < lambda ->
  let F a w b := (a * Rmax 0 (w * 0 + b) - 1) * (a * Rmax 0 (w * 0 + b) - 1) + lambda * (a * a) in
  (forall a w b, Rabs (b - -1) < 1 -> F 0 0 (-1) <= F a w b) /\ F 0 0 (-1) = 1.
Proof.
move=> l0 F; have F1 : F 0 0 (-1) = 1 by rewrite /F; ring.
split => // a w b hb; rewrite F1 /F.
have [b1 b2] := Rabs_def2 _ _ hb.
rewrite Rmax_left; last by lra.
have : 0 <= lambda * (a * a) by apply: Rmult_le_pos; [lra|exact: Rle_0_sqr].
by lra.
Qed.

(** ** lambda_positive: with lambda = 0 a local (even global) minimum of Lt
    need not have th optimal *)
Theorem lambda_positive_needed :
  let x := (fun _ : 'I_1 => fun _ : 'I_1 => 0) in
  let loss := (fun _ : 'I_1 => sqloss (fun _ : 'I_1 => 1)) in
  (forall th' a' b' W', Lt x (@zero_net 1) loss 0 0 (fun=> 1) (fun=> 0) (fun _ _ => 0)
      <= Lt x (@zero_net 1) loss 0 th' a' b' W') /\
  ~ (forall q : vec 1 -> vec 1, L x (@zero_net 1) loss 0 <= risk x loss q).
Proof.
move=> x loss; split.
  move=> th' a' b' W'; rewrite /Lt.
  have -> : risk x loss (aug (@zero_net 1) 0 (fun=> 1) (fun=> 0) (fun _ _ => 0)) = 0.
    rewrite /risk rsum_0; first by ring.
    move=> i _; rewrite /loss /sqloss rsum_0 // => k _.
    by rewrite /aug /zero_net /dot rsum_0 ?Rplus_0_r ?exp_0 => [|j _]; ring.
  rewrite !Rmult_0_l !Rplus_0_r /risk; apply: Rmult_le_pos.
    by apply: Rlt_le; apply: Rinv_0_lt_compat; rewrite /=; lra.
  by apply: rsum_ge0 => i _; apply: rsum_ge0 => k _; exact: Rle_0_sqr.
move=> /(_ (fun _ _ => 1)).
by rewrite /L /risk /loss /sqloss /zero_net !big_ord_recl !big_ord0 /=; lra.
Qed.

(** ** loss_convex: a double well, the network at the bottom of the upper one
    (l(p) = p^4 - 4 p^3 + 3 p^2 has a local minimum 0 at p = 0 and the value -4 at p = 2) *)
Definition double_well (p : vec 1) : R :=
  p ord0 * p ord0 * (p ord0 * p ord0 - 4 * p ord0 + 3).

Lemma double_well_gdifferentiable : gdifferentiable double_well.
Proof.
move=> p; set u := p ord0; exists (fun=> 4 * u * u * u - 12 * u * u + 6 * u) => h.
by rewrite rsum1 /double_well -/u; auto_derive => //; ring.
Qed.

Theorem loss_convex_needed (lambda : R) : 0 < lambda ->
  let x := (fun _ : 'I_1 => fun _ : 'I_1 => 0) in
  let loss := (fun _ : 'I_1 => double_well) in
  (forall i, gdifferentiable (loss i)) /\
  local_min_aux x (@zero_net 1) loss lambda 0 (fun=> 0) (fun=> 0) (fun _ _ => 0) /\
  ~ (forall q : vec 1 -> vec 1, L x (@zero_net 1) loss 0 <= risk x loss q).
Proof.
move=> l0 x loss; split; first by move=> i; exact: double_well_gdifferentiable.
split; last first.
  by move=> /(_ (fun _ _ => 2)); rewrite /L /risk /loss /double_well /zero_net !rsum1 /=; lra.
exists (/ 3); split; first by lra.
move=> a' b' W' ha hb hW.
rewrite Lt_a0 // /Lt /L /risk /loss /double_well /aug /zero_net /dot !rsum1 /x /=.
have A := ha ord0; have B := hb ord0.
rewrite Rminus_0_r in A; rewrite Rminus_0_r in B.
have -> : W' ord0 ord0 * 0 + b' ord0 = b' ord0 by ring.
set a := a' ord0 in A *; set b := b' ord0 in B *.
have eb : exp b < 3.
  have b1 : b < 1 by have := Rabs_def2 _ _ B; lra.
  by have := exp_increasing _ _ b1; have := exp_le_3; lra.
have e0 := exp_pos b.
set u := 0 + a * exp b.
have ua : Rabs u < 1.
  rewrite /u Rplus_0_l Rabs_mult (Rabs_right (exp b)); last by lra.
  have := Rabs_pos a => a0.
  have : Rabs a * exp b <= / 3 * exp b by apply: Rmult_le_compat_r; lra.
  by lra.
have [u1 u2] := Rabs_def2 _ _ ua.
have la : 0 <= lambda * (a * a) by apply: Rmult_le_pos; [lra|exact: Rle_0_sqr].
have q0 : 0 <= u * u - 4 * u + 3 by nra.
have : 0 <= u * u * (u * u - 4 * u + 3) by apply: Rmult_le_pos => //; exact: Rle_0_sqr.
by lra.
Qed.
