(** strict_saddle: at a point (theta, 0, b, W) with S_k(w_k) = 0 and v_k = sum_i d_k l_i exp(w_k . x_i) x_i != 0, Lt goes
    down quadratically along a straight line in (a_k, w_k): such a critical point is a strict saddle.  The losses
    need a local quadratic upper bound along the k-th output (every C^2 loss has one).
    strict_saddle_curvature: where Lt has a second derivative along that line it is negative; so a Hessian of Lt there
    takes a negative value on a vector, and has a negative eigenvalue. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

(** quadratic descent along a line bounds the second derivative along it *)
Lemma descent_curvature (phi dphi : R -> R) (c delta D : R) : 0 < delta ->
  (forall t, Rabs t < delta -> phi t <= phi 0 - c * (t * t)) ->
  (forall t, Rabs t < delta -> is_derive phi t (dphi t)) -> is_derive dphi 0 D -> D <= - 2 * c.
Proof.
move=> d0 low hd hD; case: (Rle_or_lt D (- 2 * c)) => // lt; exfalso.
have zero : dphi 0 = 0.
  have h0 : Rabs 0 < delta by rewrite Rabs_R0.
  have D0 : is_derive (fun t => - (phi t + c * (t * t))) 0 (- dphi 0).
    have q : is_derive (fun t => c * (t * t)) 0 0 by auto_derive => //; ring.
    have := is_derive_opp _ _ _ (is_derive_plus _ _ _ _ _ (hd 0 h0) q).
    by rewrite /plus /opp /= Rplus_0_r.
  have := fermat d0 _ D0 => F; suff : - dphi 0 = 0 by lra.
  by apply: F => t ht; have := low t ht; lra.
have e0 : 0 < D + 2 * c by lra.
have /is_derive_Reals /(_ _ e0) [eta heta] := hD.
have eta0 := cond_pos eta.
pose s := Rmin (delta / 2) (eta / 2).
have s0 : 0 < s by apply: Rmin_glb_lt; lra.
have s1 : s <= delta / 2 by exact: Rmin_l.
have s2 : s <= eta / 2 by exact: Rmin_r.
have slope u : 0 < u -> u <= s -> - 2 * c * u < dphi u.
  move=> u0 us; have au : Rabs u < eta by rewrite Rabs_right; lra.
  have := heta u (Rgt_not_eq _ _ u0) au; rewrite Rplus_0_l zero Rminus_0_r => /Rabs_def2 [_ h].
  have q : - 2 * c < dphi u / u by lra.
  have := Rmult_lt_compat_r _ _ _ u0 q.
  by have -> : dphi u / u * u = dphi u by [field; lra].
pose g t := phi t + c * (t * t).
pose dg t := dphi t + 2 * c * t.
have hg u : Rmin 0 s <= u <= Rmax 0 s -> is_derive g u (dg u).
  rewrite Rmin_left ?Rmax_right; try lra; move=> hu.
  have au : Rabs u < delta by rewrite Rabs_right; lra.
  have q : is_derive (fun t => c * (t * t)) u (2 * c * u) by auto_derive => //; ring.
  exact: is_derive_plus (hd u au) q.
have [x [[x0 xs] E]] : exists x, 0 < x < s /\ g s - g 0 = dg x * (s - 0).
  have [x [E hx]] := MVT_cor2 g dg 0 s s0 (fun u hu => proj1 (is_derive_Reals g u (dg u)) (hg u ltac:(rewrite Rmin_left ?Rmax_right; lra))).
  by exists x.
have as_ : Rabs s < delta by rewrite Rabs_right; lra.
have lo := low s as_; have sl := slope x x0 (Rlt_le _ _ xs).
have p : 0 < dg x * (s - 0) by apply: Rmult_lt_0_compat; rewrite /dg; lra.
by move: E p; rewrite /g; lra.
Qed.

Section StrictSaddle.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Hypothesis m_pos : (0 < m)%N.
Hypothesis lambda_pos : 0 < lambda.
Local Notation Lt := (Lt x net loss lambda).
Local Notation L := (L x net loss).
Variables (th : Theta) (b : vec dy) (W : 'I_dy -> vec dx) (k : 'I_dy) (j : 'I_dx) (g : 'I_m -> R).

Definition along (p : vec dy) (s : R) : vec dy := fun i => p i + (if i == k then s else 0).

(** quadratic upper bound of each loss along e_k at the network's output, with slope g i = d_k l_i;
    every loss that is C^2 (or has a locally Lipschitz gradient) there has it *)
Hypothesis quad : forall i, exists C delta, 0 <= C /\ 0 < delta /\ forall s, Rabs s < delta ->
  loss i (along (net th (x i)) s) <= loss i (net th (x i)) + s * g i + C * (s * s).

Definition Sk := \rsum_(i < m) (g i * exp (dot (W k) (x i))).
Definition vk := \rsum_(i < m) (g i * exp (dot (W k) (x i)) * x i j).

(** the line (a, W) = (t alpha e_k, W + t beta e_kj) *)
Definition aline (alpha t : R) : vec dy := fun i => if i == k then t * alpha else 0.
Definition Wline (beta t : R) : 'I_dy -> vec dx :=
  fun k' j' => W k' j' + (if (k' == k) && (j' == j) then t * beta else 0).

Theorem strict_saddle : Sk = 0 -> vk <> 0 ->
  exists alpha beta c delta, 0 < c /\ 0 < delta /\ forall t, Rabs t < delta ->
    Lt th (aline alpha t) b (Wline beta t) <= Lt th (fun=> 0) b W - c * (t * t).
Proof.
move=> S0 vn.
have im := invm_pos m_pos.
pose eb := exp (b k).
have eb0 : 0 < eb by exact: exp_pos.
pose beta := - vk.
pose E i t := exp (dot (W k) (x i) + t * beta * x i j + b k).
pose G t := \rsum_(i < m) (g i * E i t).
pose kappa := eb * (vk * vk).
have k0 : 0 < kappa by apply: Rmult_lt_0_compat => //; exact: Rsqr_pos_lt.
have G0 : G 0 = 0.
  rewrite /G; transitivity (eb * Sk); last by rewrite S0; ring.
  rewrite /Sk -rsum_scal_l; apply: eq_bigr => i _.
  by rewrite /E !Rmult_0_l Rplus_0_r exp_plus /eb; ring.
have dG : is_derive G 0 (- kappa).
  have -> : - kappa = \rsum_(i < m) (g i * (beta * x i j * E i 0)).
    transitivity (eb * beta * vk); first by rewrite /kappa /beta; ring.
    rewrite /vk -rsum_scal_l; apply: eq_bigr => i _.
    by rewrite /E !Rmult_0_l Rplus_0_r exp_plus /eb; ring.
  by apply: is_derive_rsum => i _; rewrite /E; auto_derive => //; ring.
have [C hC] := fin_all_exists quad.
have {}hC i : exists delta, 0 <= C i /\ 0 < delta /\ forall s, Rabs s < delta ->
  loss i (along (net th (x i)) s) <= loss i (net th (x i)) + s * g i + C i * (s * s) by exact: hC.
have [de hde] := fin_all_exists hC.
pose B i := E i 0 + 1.
have B0 i : 0 < B i by have := exp_pos (dot (W k) (x i) + 0 * beta * x i j + b k); rewrite /B /E; lra.
pose CC := \rsum_(i < m) (C i * (B i * B i)).
have CC0 : 0 <= CC.
  apply: rsum_ge0 => i _; apply: Rmult_le_pos; first by have [] := hde i.
  by apply: Rlt_le; apply: Rmult_lt_0_compat.
pose D := / INR m * CC + lambda.
have D0 : 0 < D.
  have : 0 <= / INR m * CC by apply: Rmult_le_pos; lra.
  by rewrite /D; lra.
pose kk := / INR m * kappa.
have kk0 : 0 < kk by apply: Rmult_lt_0_compat.
pose alpha := kk / (4 * D).
have al0 : 0 < alpha by apply: Rdiv_lt_0_compat; lra.
have alD : alpha * D = kk / 4 by rewrite /alpha; field; lra.
(* G(t) is close to - kappa t *)
have [d1 [d10 h1]] : exists d, 0 < d /\ forall t, Rabs t < d -> t * G t <= - (kappa / 2) * (t * t).
  have k20 : 0 < kappa / 2 by lra.
  have /is_derive_Reals := dG => /(_ _ k20) [d hd].
  exists d; split; first exact: cond_pos.
  move=> t ht; case: (Req_dec t 0) => [->|tn]; first by rewrite !Rmult_0_l Rmult_0_r; lra.
  have := hd t tn ht; rewrite Rplus_0_l G0 Rminus_0_r => /Rabs_def2 [h _].
  have t2 : 0 < t * t by exact: Rsqr_pos_lt.
  have : t * t * (G t / t - - kappa) < t * t * (kappa / 2) by apply: Rmult_lt_compat_l.
  have -> : t * t * (G t / t - - kappa) = t * G t + kappa * (t * t) by field.
  by lra.
have [d2 [d20 h2]] : exists d, 0 < d /\ forall (i : 'I_m) t, Rabs t < d ->
    E i t <= B i /\ Rabs (t * alpha * E i t) < de i.
  apply: (fin_delta (P := fun i t => E i t <= B i /\ Rabs (t * alpha * E i t) < de i)) => i.
  have [_ [de0 _]] := hde i.
  have cE : continuity_pt (E i) 0.
    apply: derivable_continuous_pt; exists (beta * x i j * E i 0); apply/is_derive_Reals.
    by rewrite /E; auto_derive => //; ring.
  have [d [dp hd]] := cE 1 Rlt_0_1.
  have ab0 : 0 < de i / (alpha * B i) by apply: Rdiv_lt_0_compat => //; exact: Rmult_lt_0_compat.
  exists (Rmin d (de i / (alpha * B i))); split; first exact: Rmin_glb_lt.
  move=> t ht.
  have t1 : Rabs t < d by have := Rmin_l d (de i / (alpha * B i)); lra.
  have t2 : Rabs t < de i / (alpha * B i) by have := Rmin_r d (de i / (alpha * B i)); lra.
  have EB : E i t <= B i.
    case: (Req_dec t 0) => [->|tn]; first by rewrite /B; lra.
    have := hd t; rewrite /dist /= /R_dist Rminus_0_r => H.
    have {}H : Rabs (E i t - E i 0) < 1 by apply: H; split => //; split => //; exact: not_eq_sym.
    by have [] := Rabs_def2 _ _ H; rewrite /B; lra.
  split => //.
  have e0 : 0 < E i t by exact: exp_pos.
  have aE : 0 < alpha * E i t by exact: Rmult_lt_0_compat.
  have -> : Rabs (t * alpha * E i t) = Rabs t * alpha * E i t.
    have -> : t * alpha * E i t = t * (alpha * E i t) by ring.
    by rewrite Rabs_mult (Rabs_right (alpha * E i t)); [ring|lra].
  apply: (Rle_lt_trans _ (Rabs t * alpha * B i)).
    by apply: Rmult_le_compat_l => //; apply: Rmult_le_pos; [exact: Rabs_pos|lra].
  have -> : de i = de i / (alpha * B i) * alpha * B i by field; split; [have := B0 i|]; lra.
  by apply: Rmult_lt_compat_r => //; apply: Rmult_lt_compat_r.
exists alpha, beta, (alpha * kk / 4), (Rmin d1 d2); split.
  by apply: Rdiv_lt_0_compat; [exact: Rmult_lt_0_compat|lra].
split; first exact: Rmin_glb_lt.
move=> t ht.
have t1 : Rabs t < d1 by have := Rmin_l d1 d2; lra.
have t2 : Rabs t < d2 by have := Rmin_r d1 d2; lra.
rewrite (Lt_a0 _ _ _ _ _ _ _ (a := fun=> 0)) //.
rewrite /Objective.Lt /Objective.L /risk.
have pen : \rsum_(i < dy) (aline alpha t i * aline alpha t i) = t * t * (alpha * alpha).
  by rewrite (@rsum_single _ _ k) /aline ?eqxx; [ring|move=> i /negbTE ->; ring].
rewrite pen.
have augE i : aug net th (aline alpha t) b (Wline beta t) (x i) = along (net th (x i)) (t * alpha * E i t).
  apply: functional_extensionality => k'; rewrite /aug /aline /along; case: eqP => [->|_]; last by ring.
  congr (_ + t * alpha * exp (_ + _)).
  rewrite /Wline eqxx /=.
  have := dot_upd (x i) (W k) j (t * beta).
  have Cm (u : vec dx) : dot u (x i) = dot (x i) u by apply: eq_bigr => i1 _; ring.
  by rewrite -!Cm => ->.
have key : \rsum_(i < m) loss i (aug net th (aline alpha t) b (Wline beta t) (x i)) <=
  \rsum_(i < m) loss i (net th (x i)) + alpha * (t * G t) + t * t * (alpha * alpha) * CC.
  have -> : alpha * (t * G t) = \rsum_(i < m) (t * alpha * E i t * g i).
    by rewrite /G -rsum_scal_l -rsum_scal_l; apply: eq_bigr => i _; ring.
  rewrite /CC -rsum_scal_l -!rsum_plus; apply: rsum_le => i _; rewrite augE.
  have [EB ds] := h2 i t t2; have [Ci0 [_ q]] := hde i.
  apply: Rle_trans (q _ ds) _; apply: Rplus_le_compat_l.
  have e0 : 0 < E i t by exact: exp_pos.
  have EE : E i t * E i t <= B i * B i by apply: Rmult_le_compat; lra.
  have -> : C i * (t * alpha * E i t * (t * alpha * E i t)) = (t * t) * (alpha * alpha) * (C i * (E i t * E i t)) by ring.
  apply: Rmult_le_compat_l; last exact: Rmult_le_compat_l.
  by apply: Rmult_le_pos; exact: Rle_0_sqr.
have key2 := Rmult_le_compat_l _ _ _ (Rlt_le _ _ im) key.
have h1' := Rmult_le_compat_l _ _ _ (Rlt_le _ _ (Rmult_lt_0_compat _ _ im al0)) (h1 t t1).
set A := \rsum_(i < m) loss i (aug _ _ _ _ _ _) in key2 *.
set P := \rsum_(i < m) loss i (net th (x i)) in key2 *.
apply: (Rle_trans _ (/ INR m * P + / INR m * alpha * (t * G t) + t * t * (alpha * alpha) * (/ INR m * CC)
  + lambda * (t * t * (alpha * alpha)))).
  have -> : / INR m * P + / INR m * alpha * (t * G t) + t * t * (alpha * alpha) * (/ INR m * CC)
   + lambda * (t * t * (alpha * alpha)) = / INR m * (P + alpha * (t * G t) + t * t * (alpha * alpha) * CC)
   + lambda * (t * t * (alpha * alpha)) by ring.
  exact: Rplus_le_compat_r.
have -> : / INR m * P + / INR m * alpha * (t * G t) + t * t * (alpha * alpha) * (/ INR m * CC)
  + lambda * (t * t * (alpha * alpha)) =
  / INR m * P + / INR m * alpha * (t * G t) + t * t * alpha * (alpha * D) by rewrite /D; ring.
rewrite alD.
have rE : / INR m * alpha * (- (kappa / 2) * (t * t)) = - (t * t * alpha * kk) / 2.
  by rewrite /kk /Rdiv; ring.
rewrite rE in h1'.
set X := t * t * alpha in h1' *.
have -> : alpha * kk / 4 * (t * t) = X * kk / 4 by rewrite /X; field.
have -> : X * (kk / 4) = X * kk / 4 by field.
by lra.
Qed.

Theorem strict_saddle_curvature : Sk = 0 -> vk <> 0 ->
  exists alpha beta c, 0 < c /\ forall (dphi : R -> R) (delta D : R), 0 < delta ->
    (forall t, Rabs t < delta -> is_derive (fun t => Lt th (aline alpha t) b (Wline beta t)) t (dphi t)) ->
    is_derive dphi 0 D -> D <= - 2 * c.
Proof.
move=> S0 vn; have [alpha [beta [c [d [c0 [d0 h]]]]]] := strict_saddle S0 vn.
exists alpha, beta, c; split => // dphi delta D delta0 hd hD.
have m0 : 0 < Rmin d delta by exact: Rmin_glb_lt.
apply: (descent_curvature (phi := fun t => Lt th (aline alpha t) b (Wline beta t)) m0 _ _ hD) => t ht.
  have -> : aline alpha 0 = fun=> 0 by apply: functional_extensionality => i; rewrite /aline; case: eqP => _; ring.
  have -> : Wline beta 0 = W.
    by do 2! apply: functional_extensionality => ?; rewrite /Wline; case: andP => _; ring.
  by apply: h; have := Rmin_l d delta; lra.
by apply: hd; have := Rmin_r d delta; lra.
Qed.
End StrictSaddle.
