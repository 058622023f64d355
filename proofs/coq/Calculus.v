(** Vectors and the differential calculus used by everything else: convexity, Frechet gradients,
    directional gradients, the first-order inequality for convex functions, Fermat's theorem, the chain
    rule for a differentiable curve, partial derivatives and local minima on R^n.
    R^n is the type of functions from the ordinals below n to the reals. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Definition vec (n : nat) : Type := 'I_n -> R.

(** the scalar product *)
Definition dot n (u v : vec n) : R := \rsum_(j < n) (u j * v j).

Lemma dot_upd n (r p : vec n) (j : 'I_n) (s : R) :
  dot r (fun i => p i + (if i == j then s else 0)) = dot r p + s * r j.
Proof.
have := @rsum_upd n (fun i => r i * (p i + (if i == j then s else 0))) (fun i => r i * p i) j.
rewrite eqxx => /(_ _) U.
have {}U : dot r (fun i => p i + (if i == j then s else 0)) - dot r p = r j * (p j + s) - r j * p j.
  by apply: U => i /negbTE ->; ring.
by lra.
Qed.

Lemma dot_comb n (r1 r2 p : vec n) (c : R) :
  dot (fun i => r1 i - c * r2 i) p = dot r1 p - c * dot r2 p.
Proof. by rewrite /dot -rsum_scal_l -rsum_minus; apply: eq_bigr => i _; ring. Qed.

(** A function that vanishes near t has derivative 0 at t *)
Lemma derive_zero_near (f : R -> R) (r t d : R) :
  (forall u, Rabs u < r -> f u = 0) -> Rabs t < r -> is_derive f t d -> d = 0.
Proof.
move=> h ht hd.
have e : 0 < r - Rabs t by lra.
have l0 : locally t (fun u => 0 = f u).
  exists (mkposreal _ e) => u hu.
  have {}hu : Rabs (u - t) < r - Rabs t by exact: hu.
  rewrite h //.
  have := Rabs_triang (u - t) t.
  have -> : u - t + t = u by ring.
  by lra.
have h0 : is_derive f t 0 by apply: (is_derive_ext_loc _ _ _ _ l0); exact: is_derive_const.
by rewrite -(is_derive_unique _ _ _ hd) -(is_derive_unique _ _ _ h0).
Qed.

Definition convex n (l : vec n -> R) : Prop :=
  forall (p q : vec n) (t : R), 0 <= t <= 1 ->
    l (fun k => (1 - t) * p k + t * q k) <= (1 - t) * l p + t * l q.

(** g is the (Frechet) gradient of l at p; the norm on R^n is the l1 norm. *)
Definition is_grad n (l : vec n -> R) (p g : vec n) : Prop :=
  forall eps : R, 0 < eps -> exists delta : R, 0 < delta /\
    forall h : vec n, \rsum_(k < n) Rabs (h k) < delta ->
      Rabs (l (fun k => p k + h k) - l p - \rsum_(k < n) (g k * h k))
        <= eps * \rsum_(k < n) Rabs (h k).

Definition differentiable n (l : vec n -> R) : Prop :=
  forall p, exists g, is_grad l p g.

(** a convenient consequence of Frechet differentiability: all directional derivatives *)
Definition is_dgrad n (l : vec n -> R) (p g : vec n) : Prop :=
  forall h : vec n,
    is_derive (fun t => l (fun k => p k + t * h k)) 0 (\rsum_(k < n) (g k * h k)).

Definition gdifferentiable n (l : vec n -> R) : Prop :=
  forall p, exists g, is_dgrad l p g.

Lemma is_grad_dgrad n (l : vec n -> R) p g : is_grad l p g -> is_dgrad l p g.
Proof.
move=> hg h.
pose S := \rsum_(k < n) Rabs (h k).
have S0 : 0 <= S by apply: rsum_ge0 => k _; exact: Rabs_pos.
have Seq t : \rsum_(k < n) Rabs (t * h k) = Rabs t * S.
  by rewrite -rsum_scal_l; apply: eq_bigr => k _; rewrite Rabs_mult.
apply/is_derive_Reals => eps eps0.
have e0 : 0 < eps / (2 * (1 + S)) by apply: Rdiv_lt_0_compat; lra.
have [delta [d0 hd]] := hg _ e0.
have d1 : 0 < delta / (1 + S) by apply: Rdiv_lt_0_compat; lra.
exists (mkposreal _ d1) => t tn0 /= td.
have at0 : 0 < Rabs t by apply: Rabs_pos_lt.
have tS : \rsum_(k < n) Rabs (t * h k) < delta.
  rewrite Seq.
  have : Rabs t * (1 + S) < delta.
    have -> : delta = delta / (1 + S) * (1 + S) by field; lra.
    by apply: Rmult_lt_compat_r => //; lra.
  by lra.
have := hd _ tS; rewrite Seq.
have -> : \rsum_(k < n) (g k * (t * h k)) = t * \rsum_(k < n) (g k * h k).
  by rewrite -rsum_scal_l; apply: eq_bigr => k _; ring.
have -> : (fun k => p k + 0 * h k) = p by apply: functional_extensionality => k; ring.
rewrite Rplus_0_l.
set D := \rsum_(k < n) (g k * h k); set u := l _ - l p => H.
have -> : u / t - D = (u - t * D) / t by field.
rewrite Rabs_div //.
apply: (Rmult_lt_reg_r (Rabs t)) => //.
have -> : Rabs (u - t * D) / Rabs t * Rabs t = Rabs (u - t * D) by field; lra.
apply: Rle_lt_trans H _.
have -> : eps / (2 * (1 + S)) * (Rabs t * S) = (eps * Rabs t / 2) * (S / (1 + S)) by field; lra.
have h1 : S / (1 + S) <= 1.
  apply: (Rmult_le_reg_r (1 + S)); first by lra.
  have -> : S / (1 + S) * (1 + S) = S by field; lra.
  by lra.
have h2 : 0 < eps * Rabs t by apply: Rmult_lt_0_compat.
have : eps * Rabs t / 2 * (S / (1 + S)) <= eps * Rabs t / 2 * 1.
  by apply: Rmult_le_compat_l => //; lra.
by lra.
Qed.

Lemma differentiable_gd n (l : vec n -> R) : differentiable l -> gdifferentiable l.
Proof. by move=> h p; have [g hg] := h p; exists g; exact: is_grad_dgrad. Qed.

Lemma is_dgrad_unique n (l : vec n -> R) p g g' :
  is_dgrad l p g -> is_dgrad l p g' -> forall k, g k = g' k.
Proof.
move=> h h' k.
have E (u : vec n) : \rsum_(j < n) (u j * (if j == k then 1 else 0)) = u k.
  by rewrite (@rsum_single _ _ k) ?eqxx; [ring|move=> j /negbTE ->; ring].
have := is_derive_unique _ _ _ (h (fun j => if j == k then 1 else 0)).
by rewrite (is_derive_unique _ _ _ (h' (fun j => if j == k then 1 else 0))) !E.
Qed.

(** First-order inequality for convex functions *)
Lemma convex_first_order n (l : vec n -> R) p g : convex l -> is_dgrad l p g ->
  forall q, l p + \rsum_(k < n) (g k * (q k - p k)) <= l q.
Proof.
move=> cl dl q.
set D := \rsum_(k < n) _.
have hD : is_derive (fun t => l (fun k => p k + t * (q k - p k))) 0 D by exact: dl.
case: (Rle_or_lt (l p + D) (l q)) => // lt.
have e0 : 0 < D - (l q - l p) by lra.
have /is_derive_Reals := hD => /(_ _ e0) [delta hd].
pose t := Rmin 1 (delta / 2).
have dpos := cond_pos delta.
have t0 : 0 < t by apply: Rmin_glb_lt; lra.
have t1 : t <= 1 by exact: Rmin_l.
have td : Rabs t < delta.
  rewrite Rabs_right; last by lra.
  by have := Rmin_r 1 (delta / 2); rewrite -/t; lra.
have := hd t (Rgt_not_eq _ _ t0) td.
have -> : (fun k => p k + 0 * (q k - p k)) = p by apply: functional_extensionality => k; ring.
rewrite Rplus_0_l.
have -> : (fun k => p k + t * (q k - p k)) = (fun k => (1 - t) * p k + t * q k).
  by apply: functional_extensionality => k; ring.
have := cl p q t (conj (Rlt_le _ _ t0) t1).
set v := l _ => hv /Rabs_def2 [_ lo].
have : (v - l p) / t <= l q - l p.
  apply: (Rmult_le_reg_r t) => //.
  have -> : (v - l p) / t * t = v - l p by field; lra.
  by lra.
by lra.
Qed.

(** Fermat *)
Lemma fermat (f : R -> R) (r d : R) : 0 < r -> (forall t, Rabs t < r -> f 0 <= f t) ->
  is_derive f 0 d -> d = 0.
Proof.
move=> r0 h /is_derive_Reals hd.
have pr : derivable_pt f 0 by exists d.
have : derive_pt f 0 pr = 0.
  apply: (deriv_minimum f (-r) r 0 pr); try lra.
  by move=> u u1 u2; apply: h; apply: Rabs_def1; lra.
by move/derive_pt_eq => h'; exact: (uniqueness_limite f 0 d 0).
Qed.

(** ** Chain rule for a differentiable curve and a Frechet-differentiable function *)
Lemma fin_delta n (P : 'I_n -> R -> Prop) :
  (forall k, exists d, 0 < d /\ forall h, Rabs h < d -> P k h) ->
  exists d, 0 < d /\ forall k h, Rabs h < d -> P k h.
Proof.
move=> H.
have : forall s : seq 'I_n, exists d, 0 < d /\ forall k h, k \in s -> Rabs h < d -> P k h.
  elim=> [|k s [d [d0 hd]]]; first by exists 1; split; [lra|].
  have [d' [d'0 hd']] := H k.
  exists (Rmin d d'); split; first exact: Rmin_glb_lt.
  move=> j h; rewrite inE => /orP [/eqP ->|js] hh.
    by apply: hd'; have := Rmin_r d d'; lra.
  by apply: hd => //; have := Rmin_l d d'; lra.
move=> /(_ (enum 'I_n)) [d [d0 h]]; exists d; split => // k u; apply: h; by rewrite mem_enum.
Qed.

Lemma rsum_Rabs n (F : 'I_n -> R) : Rabs (\rsum_(k < n) F k) <= \rsum_(k < n) Rabs (F k).
Proof.
apply: (big_ind2 (fun a b => Rabs a <= b)) => [|a b c e h1 h2|k _]; last exact: Rle_refl.
  by rewrite Rabs_R0; exact: Rle_refl.
by have := Rabs_triang a c; lra.
Qed.

Lemma chain_curve d (l : vec d -> R) (c : R -> vec d) (c' g : vec d) (t0 : R) :
  is_grad l (c t0) g -> (forall k, is_derive (fun t => c t k) t0 (c' k)) ->
  is_derive (fun t => l (c t)) t0 (\rsum_(k < d) (g k * c' k)).
Proof.
move=> hg hc.
pose C := \rsum_(k < d) Rabs (c' k).
pose G := \rsum_(k < d) Rabs (g k).
pose N := \rsum_(k < d) 1.
have C0 : 0 <= C by apply: rsum_ge0 => k _; exact: Rabs_pos.
have G0 : 0 <= G by apply: rsum_ge0 => k _; exact: Rabs_pos.
have N0 : 0 <= N by apply: rsum_ge0 => k _; lra.
apply/is_derive_Reals => eps eps0.
pose e1 := eps / (4 * (1 + C + N)).
pose e2 := Rmin 1 (eps / (4 * (1 + G))).
have e10 : 0 < e1 by apply: Rdiv_lt_0_compat; lra.
have e2b : 0 < eps / (4 * (1 + G)) by apply: Rdiv_lt_0_compat; lra.
have e20 : 0 < e2 by apply: Rmin_glb_lt; lra.
have e21 : e2 <= 1 by exact: Rmin_l.
have e2G : e2 * G <= eps / 4.
  apply: (Rle_trans _ (eps / (4 * (1 + G)) * G)).
    by apply: Rmult_le_compat_r => //; exact: Rmin_r.
  have -> : eps / (4 * (1 + G)) * G = eps / 4 * (G / (1 + G)) by field; lra.
  have : G / (1 + G) <= 1.
    apply: (Rmult_le_reg_r (1 + G)); first by lra.
    have -> : G / (1 + G) * (1 + G) = G by field; lra.
    by lra.
  move=> h1; have : eps / 4 * (G / (1 + G)) <= eps / 4 * 1 by apply: Rmult_le_compat_l; lra.
  by lra.
have e1C : e1 * (C + N) <= eps / 4.
  have -> : eps / 4 = e1 * (1 + C + N) by rewrite /e1; field; lra.
  by apply: Rmult_le_compat_l; lra.
have [dl [dl0 hdl]] := hg _ e10.
have [d2 [d20 hd2]] : exists d2, 0 < d2 /\ forall (k : 'I_d) h, Rabs h < d2 ->
    Rabs (c (t0 + h) k - c t0 k - h * c' k) <= e2 * Rabs h.
  apply: (fin_delta (P := fun k h => Rabs (c (t0 + h) k - c t0 k - h * c' k) <= e2 * Rabs h)) => k.
  have /is_derive_Reals := hc k => /(_ _ e20) [dk hdk].
  exists dk; split; first exact: cond_pos.
  move=> h hh; case: (Req_dec h 0) => [->|hn].
    by rewrite Rplus_0_r Rmult_0_l Rminus_eq_0 Rminus_0_r Rabs_R0; lra.
  have := hdk h hn hh.
  have -> : (c (t0 + h) k - c t0 k) / h - c' k = (c (t0 + h) k - c t0 k - h * c' k) / h by field.
  rewrite Rabs_div // => lt.
  have h0 := Rabs_pos_lt _ hn.
  apply: Rlt_le; apply: (Rmult_lt_reg_r (/ Rabs h)); first exact: Rinv_0_lt_compat.
  by rewrite Rmult_assoc Rinv_r ?Rmult_1_r //; lra.
have d30 : 0 < dl / (1 + C + N) by apply: Rdiv_lt_0_compat; lra.
have dm : 0 < Rmin d2 (dl / (1 + C + N)) by exact: Rmin_glb_lt.
exists (mkposreal _ dm) => h hn /= hh.
have h0 := Rabs_pos_lt _ hn.
have hh2 : Rabs h < d2 by have := Rmin_l d2 (dl / (1 + C + N)); lra.
have hh3 : Rabs h < dl / (1 + C + N) by have := Rmin_r d2 (dl / (1 + C + N)); lra.
pose D k := c (t0 + h) k - c t0 k.
have DE : \rsum_(k < d) Rabs (D k) <= Rabs h * (C + N).
  have -> : Rabs h * (C + N) = \rsum_(k < d) (Rabs h * Rabs (c' k) + Rabs h * 1).
    by rewrite rsum_plus !rsum_scal_l -/C -/N; ring.
  apply: rsum_le => k _.
  have -> : D k = h * c' k + (c (t0 + h) k - c t0 k - h * c' k) by rewrite /D; ring.
  apply: Rle_trans (Rabs_triang _ _) _; rewrite Rabs_mult; apply: Rplus_le_compat_l.
  apply: Rle_trans (hd2 k h hh2) _.
  rewrite Rmult_1_r; have e2h : e2 * Rabs h <= 1 * Rabs h by apply: Rmult_le_compat_r; lra.
  by lra.
have Ds : \rsum_(k < d) Rabs (D k) < dl.
  apply: Rle_lt_trans DE _.
  apply: (Rle_lt_trans _ (Rabs h * (1 + C + N))); first by apply: Rmult_le_compat_l; lra.
  have -> : dl = dl / (1 + C + N) * (1 + C + N) by field; lra.
  by apply: Rmult_lt_compat_r => //; lra.
have := hdl _ Ds.
have -> : (fun k => c t0 k + D k) = c (t0 + h).
  by apply: functional_extensionality => k; rewrite /D; ring.
move=> A.
have B : Rabs (\rsum_(k < d) (g k * (D k - h * c' k))) <= Rabs h * (eps / 4).
  apply: Rle_trans (rsum_Rabs _) _.
  apply: (Rle_trans _ (\rsum_(k < d) (Rabs (g k) * (e2 * Rabs h)))).
    apply: rsum_le => k _; rewrite Rabs_mult; apply: Rmult_le_compat_l; first exact: Rabs_pos.
    exact: hd2.
  rewrite rsum_scal_r -/G.
  have -> : G * (e2 * Rabs h) = Rabs h * (e2 * G) by ring.
  by apply: Rmult_le_compat_l; lra.
set X := \rsum_(k < d) (g k * c' k).
have E : \rsum_(k < d) (g k * (D k - h * c' k)) = \rsum_(k < d) (g k * D k) - h * X.
  by rewrite /X -rsum_scal_l -rsum_minus; apply: eq_bigr => k _; ring.
rewrite E in B.
set Y := \rsum_(k < d) (g k * D k) in A B.
have T : Rabs (l (c (t0 + h)) - l (c t0) - h * X) <= Rabs h * (eps / 2).
  have -> : l (c (t0 + h)) - l (c t0) - h * X = (l (c (t0 + h)) - l (c t0) - Y) + (Y - h * X) by ring.
  apply: Rle_trans (Rabs_triang _ _) _.
  have : e1 * (\rsum_(k < d) Rabs (D k)) <= Rabs h * (eps / 4).
    apply: (Rle_trans _ (e1 * (Rabs h * (C + N)))); first by apply: Rmult_le_compat_l; lra.
    have -> : e1 * (Rabs h * (C + N)) = Rabs h * (e1 * (C + N)) by ring.
    by apply: Rmult_le_compat_l; lra.
  by lra.
have -> : (l (c (t0 + h)) - l (c t0)) / h - X = (l (c (t0 + h)) - l (c t0) - h * X) / h by field.
rewrite Rabs_div //.
apply: (Rmult_lt_reg_r (Rabs h)) => //.
have -> : Rabs (l (c (t0 + h)) - l (c t0) - h * X) / Rabs h * Rabs h =
  Rabs (l (c (t0 + h)) - l (c t0) - h * X) by field; lra.
have : 0 < eps * Rabs h by apply: Rmult_lt_0_compat.
by lra.
Qed.

(** ** Partial derivatives and local minima on R^n *)
Definition shift n (z : vec n) (k : 'I_n) (t : R) : vec n :=
  fun j => z j + (if j == k then t else 0).
Definition ex_pd n (F : vec n -> R) (z : vec n) (k : 'I_n) : Prop :=
  ex_derive (fun t => F (shift z k t)) 0.
Definition pd n (F : vec n -> R) (z : vec n) (k : 'I_n) : R :=
  Derive (fun t => F (shift z k t)) 0.
Definition local_minimum n (F : vec n -> R) (z : vec n) : Prop :=
  exists r, 0 < r /\ forall z', (forall j, Rabs (z' j - z j) < r) -> F z <= F z'.
(** z + eps v *)
Definition perturb n (z : vec n) (eps : R) (v : vec n) : vec n := fun j => z j + eps * v j.

Lemma shift0 n (z : vec n) k : shift z k 0 = z.
Proof. by apply: functional_extensionality => j; rewrite /shift; case: eqP => _; ring. Qed.

Lemma perturb0 n (z : vec n) eps : perturb z eps (fun=> 0) = z.
Proof. by apply: functional_extensionality => j; rewrite /perturb; ring. Qed.

Lemma local_minimum_pd n (F : vec n -> R) z k d : local_minimum F z ->
  is_derive (fun t => F (shift z k t)) 0 d -> d = 0.
Proof.
move=> [r [r0 h]]; apply: (@fermat _ r) => // t ht.
rewrite shift0; apply: h => j; rewrite /shift.
have -> : z j + (if j == k then t else 0) - z j = if j == k then t else 0 by ring.
by case: eqP => // _; rewrite Rabs_R0.
Qed.
