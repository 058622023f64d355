(** pgb_condition: the perturbable gradient basis (PGB) condition.  Let phi_i = sum_k h_k d_k phi_i and
    r rho = sum_k h_k d_k rho at z (gradient basis).  At a local minimum z of Q(z) = (1/m) sum_i Q_i(phi_i(z), rho(z)),
    Q_i convex, the value Q(z) is the infimum of the convex model induced by the partial derivatives of phi and rho
    at perturbed points z + eps v, where v ranges over the directions that leave every phi_i and rho unchanged.
    First for a vector psi_i with one weight per coordinate, then in the notation phi, rho, r. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

(** ** The condition, for a vector psi_i = (phi_i, rho) and one number w_c per coordinate
    (w_c = 1 on the coordinates of phi, w_c = r on those of rho) *)
Section PGB.
Variables (m n d : nat) (psi : 'I_m -> vec n -> vec d) (Q : 'I_m -> vec d -> R) (w : vec d).
Hypothesis m_pos : (0 < m)%N.

Definition obj (z : vec n) : R := / INR m * (\rsum_(i < m) Q i (psi i z)).

(** directions that leave every phi_i and rho unchanged (sup-norm unit ball: the largest choice) *)
Definition Vdir (z : vec n) (eps : R) (v : vec n) : Prop :=
  (forall j, Rabs (v j) <= 1) /\ forall i c, psi i (perturb z eps v) c = psi i z c.

Definition gbasis (z h : vec n) : Prop :=
  forall i c, w c * psi i z c = \rsum_(k < n) (h k * pd (fun u => psi i u c) z k).

Definition model (z : vec n) (eps : R) (s : nat) (S alpha : 'I_s -> vec n) (i : 'I_m) : vec d :=
  fun c => (1 - w c) * psi i z c +
    \rsum_(j < s) (\rsum_(k < n) (alpha j k * pd (fun u => psi i u c) (perturb z eps (S j)) k)).

Definition induced (z : vec n) (eps : R) (s : nat) (S alpha : 'I_s -> vec n) : R :=
  / INR m * (\rsum_(i < m) Q i (model z eps S alpha i)).

(** stationarity at the perturbed points *)
Lemma perturbed_stationary z eps v r (g : 'I_m -> vec d) :
  0 <= eps < r -> (forall z', (forall j, Rabs (z' j - z j) < r) -> obj z <= obj z') ->
  Vdir z eps v -> (forall i, is_grad (Q i) (psi i z) (g i)) ->
  (forall i c k, ex_pd (fun u => psi i u c) (perturb z eps v) k) ->
  forall k, \rsum_(i < m) (\rsum_(c < d) (g i c * pd (fun u => psi i u c) (perturb z eps v) k)) = 0.
Proof.
move=> [e0 er] hmin [v1 hv] hg hex k.
pose z1 := perturb z eps v.
have same i : psi i z1 = psi i z by apply: functional_extensionality => c; exact: hv.
have lm : local_minimum obj z1.
  exists (r - eps); split; first by lra.
  move=> z' hz'.
  have -> : obj z1 = obj z by rewrite /obj; congr (_ * _); apply: eq_bigr => i _; rewrite same.
  apply: hmin => j.
  have -> : z' j - z j = (z' j - z1 j) + eps * v j by rewrite /z1 /perturb; ring.
  apply: Rle_lt_trans (Rabs_triang _ _) _.
  have : Rabs (eps * v j) <= eps.
    rewrite Rabs_mult (Rabs_right eps); last by lra.
    have ev : eps * Rabs (v j) <= eps * 1 by apply: Rmult_le_compat_l.
    by lra.
  by have := hz' j; lra.
have D : is_derive (fun t => obj (shift z1 k t)) 0
  (/ INR m * (\rsum_(i < m) (\rsum_(c < d) (g i c * pd (fun u => psi i u c) z1 k)))).
  apply: is_derive_scal; apply: is_derive_rsum => i _.
  apply: (@chain_curve d (Q i) (fun t => psi i (shift z1 k t))).
    by rewrite shift0 same; exact: hg.
  by move=> c; apply: Derive_correct; exact: hex.
have := local_minimum_pd lm D.
have im : 0 < / INR m by apply: Rinv_0_lt_compat; apply: lt_0_INR; apply/ltP.
move=> E; apply: (Rmult_eq_reg_l (/ INR m)); last by lra.
by rewrite Rmult_0_r.
Qed.

(** At a local minimum z there is eps0 such that for every eps in [0, eps0) no finite set of
    perturbations and no coefficients give the induced model a smaller value than Q(z), and the
    value Q(z) is attained at S = {0}, alpha = h.  Q_i has to be convex everywhere but
    differentiable (Frechet) only at psi_i(z); of psi only the PARTIAL derivatives along the
    coordinates are used, and only at the points z + eps v, v in V. *)
Theorem pgb_condition_vector (z h : vec n) :
  (forall i, convex (Q i)) ->
  (forall i, exists g, is_grad (Q i) (psi i z) g) ->
  (exists r, 0 < r /\ forall z', (forall j, Rabs (z' j - z j) < r) ->
     forall i c k, ex_pd (fun u => psi i u c) z' k) ->
  gbasis z h -> local_minimum obj z ->
  exists eps0, 0 < eps0 /\ forall eps, 0 <= eps < eps0 ->
    (forall s (S alpha : 'I_s -> vec n), (forall j, Vdir z eps (S j)) ->
       obj z <= induced z eps S alpha) /\
    (Vdir z eps (fun=> 0) /\ induced z eps (fun _ : 'I_1 => fun=> 0) (fun=> h) = obj z).
Proof.
move=> cv df [r1 [r10 hex]] gb [r [r0 hmin]].
have [g hg] := fin_all_exists df.
have im : 0 < / INR m by apply: Rinv_0_lt_compat; apply: lt_0_INR; apply/ltP.
exists (Rmin r r1); split; first exact: Rmin_glb_lt.
move=> eps [e0 el].
have er : 0 <= eps < r by have := Rmin_l r r1; lra.
have er1 : eps < r1 by have := Rmin_r r r1; lra.
have V0 : Vdir z eps (fun=> 0).
  by split => [j|i c]; [rewrite Rabs_R0; lra|rewrite perturb0].
have st v : Vdir z eps v -> forall k,
    \rsum_(i < m) (\rsum_(c < d) (g i c * pd (fun u => psi i u c) (perturb z eps v) k)) = 0.
  move=> hv; apply: (@perturbed_stationary z eps v r) => // i c k; apply: hex => j.
  have -> : perturb z eps v j - z j = eps * v j by rewrite /perturb; ring.
  rewrite Rabs_mult (Rabs_right eps); last by lra.
  have [v1 _] := hv; have : eps * Rabs (v j) <= eps * 1 by apply: Rmult_le_compat_l.
  by lra.
split; last first.
  split => //; rewrite /induced /obj; congr (_ * _); apply: eq_bigr => i _; congr (Q i _).
  apply: functional_extensionality => c; rewrite /model big_ord_recl big_ord0 perturb0 -gb; ring.
move=> s S alpha hS.
rewrite /induced /obj; apply: Rmult_le_compat_l; first by lra.
have st0 k : \rsum_(i < m) (\rsum_(c < d) (g i c * pd (fun u => psi i u c) z k)) = 0.
  by have := st _ V0 k; rewrite perturb0.
have Z : \rsum_(i < m) (\rsum_(c < d) (g i c * (model z eps S alpha i c - psi i z c))) = 0.
  have -> : \rsum_(i < m) (\rsum_(c < d) (g i c * (model z eps S alpha i c - psi i z c))) =
    \rsum_(j < s) (\rsum_(k < n) (alpha j k *
      \rsum_(i < m) (\rsum_(c < d) (g i c * pd (fun u => psi i u c) (perturb z eps (S j)) k))))
    - \rsum_(k < n) (h k * \rsum_(i < m) (\rsum_(c < d) (g i c * pd (fun u => psi i u c) z k))).
    have -> : \rsum_(k < n) (h k * \rsum_(i < m) (\rsum_(c < d) (g i c * pd (fun u => psi i u c) z k)))
      = \rsum_(i < m) (\rsum_(c < d) (g i c * (w c * psi i z c))).
      transitivity (\rsum_(k < n) (\rsum_(i < m) (\rsum_(c < d) (h k * (g i c * pd (fun u => psi i u c) z k))))).
        apply: eq_bigr => k _; rewrite -rsum_scal_l; apply: eq_bigr => i _.
        by rewrite -rsum_scal_l.
      rewrite exchange_big /=; apply: eq_bigr => i _.
      rewrite exchange_big /=; apply: eq_bigr => c _.
      by rewrite gb -rsum_scal_l; apply: eq_bigr => k _; ring.
    have -> : \rsum_(j < s) (\rsum_(k < n) (alpha j k *
      \rsum_(i < m) (\rsum_(c < d) (g i c * pd (fun u => psi i u c) (perturb z eps (S j)) k))))
      = \rsum_(i < m) (\rsum_(c < d) (g i c *
         \rsum_(j < s) (\rsum_(k < n) (alpha j k * pd (fun u => psi i u c) (perturb z eps (S j)) k)))).
      transitivity (\rsum_(j < s) (\rsum_(i < m) (\rsum_(c < d) (\rsum_(k < n)
         (g i c * (alpha j k * pd (fun u => psi i u c) (perturb z eps (S j)) k)))))).
        apply: eq_bigr => j _.
        transitivity (\rsum_(k < n) (\rsum_(i < m) (\rsum_(c < d)
          (g i c * (alpha j k * pd (fun u => psi i u c) (perturb z eps (S j)) k))))).
          apply: eq_bigr => k _; rewrite -rsum_scal_l; apply: eq_bigr => i _.
          by rewrite -rsum_scal_l; apply: eq_bigr => c _; ring.
        rewrite exchange_big /=; apply: eq_bigr => i _.
        by rewrite exchange_big.
      rewrite exchange_big /=; apply: eq_bigr => i _.
      rewrite exchange_big /=; apply: eq_bigr => c _.
      rewrite -rsum_scal_l; apply: eq_bigr => j _.
      by rewrite -rsum_scal_l.
    rewrite -rsum_minus; apply: eq_bigr => i _; rewrite -rsum_minus; apply: eq_bigr => c _.
    by rewrite /model; ring.
  rewrite (rsum_0 (P := predT) (F := fun k => h k * _)); last by move=> k _; rewrite st0; ring.
  rewrite rsum_0; first by ring.
  by move=> j _; apply: rsum_0 => k _; rewrite st //; ring.
have E : \rsum_(i < m) Q i (psi i z) =
  \rsum_(i < m) (Q i (psi i z) + \rsum_(c < d) (g i c * (model z eps S alpha i c - psi i z c))).
  by rewrite rsum_plus Z Rplus_0_r.
rewrite E; apply: rsum_le => i _; apply: convex_first_order; first exact: cv.
by apply: is_grad_dgrad; exact: hg.
Qed.

(** ... that is, Q(z) is the infimum (a minimum) over the induced models *)
Corollary pgb_infimum (z h : vec n) :
  (forall i, convex (Q i)) ->
  (forall i, exists g, is_grad (Q i) (psi i z) g) ->
  (exists r, 0 < r /\ forall z', (forall j, Rabs (z' j - z j) < r) ->
     forall i c k, ex_pd (fun u => psi i u c) z' k) ->
  gbasis z h -> local_minimum obj z ->
  exists eps0, 0 < eps0 /\ forall eps, 0 <= eps < eps0 ->
    Glb_Rbar (fun q => exists s (S alpha : 'I_s -> vec n),
      (forall j, Vdir z eps (S j)) /\ q = induced z eps S alpha) = obj z.
Proof.
move=> cv df hex gb hm.
have [e0 [e00 H]] := pgb_condition_vector cv df hex gb hm.
exists e0; split => // eps he.
have [lo [V0 at0]] := H eps he.
apply: is_glb_Rbar_unique; split.
  by move=> q [s [S [alpha [hS ->]]]]; exact: lo.
move=> b hb; apply: hb; exists 1%N, (fun _ => fun=> 0), (fun=> h); by split.
Qed.
End PGB.

(** ** The same in the notation phi_i, rho, r *)
Section PhiRho.
Variables (m n dp dr : nat) (phi : 'I_m -> vec n -> vec dp) (rho : vec n -> vec dr) (r : R).
Variable Q : 'I_m -> vec (dp + dr) -> R. (* functions on R^dphi x R^dr *)
Hypothesis m_pos : (0 < m)%N.

Definition join p q (u : vec p) (v : vec q) : vec (p + q) :=
  fun c => match split c with inl k => u k | inr k => v k end.

Definition objPR z := / INR m * (\rsum_(i < m) Q i (join (phi i z) (rho z))).

Definition phi_model z eps s (S alpha : 'I_s -> vec n) i : vec dp := fun c =>
  \rsum_(j < s) (\rsum_(k < n) (alpha j k * pd (fun u => phi i u c) (perturb z eps (S j)) k)).
Definition rho_model z eps s (S alpha : 'I_s -> vec n) : vec dr := fun c => (1 - r) * rho z c +
  \rsum_(j < s) (\rsum_(k < n) (alpha j k * pd (fun u => rho u c) (perturb z eps (S j)) k)).

(** Euclidean unit ball, as usual *)
Definition VPR z eps (v : vec n) : Prop := \rsum_(k < n) (v k * v k) <= 1 /\
  (forall i, phi i (perturb z eps v) = phi i z) /\ rho (perturb z eps v) = rho z.

Theorem pgb_condition (z h : vec n) :
  (forall i, convex (Q i)) -> (forall i, exists g, is_grad (Q i) (join (phi i z) (rho z)) g) ->
  (exists r0, 0 < r0 /\ forall z', (forall j, Rabs (z' j - z j) < r0) -> forall k,
     (forall i c, ex_pd (fun u => phi i u c) z' k) /\ (forall c, ex_pd (fun u => rho u c) z' k)) ->
  (forall i c, phi i z c = \rsum_(k < n) (h k * pd (fun u => phi i u c) z k)) ->
  (forall c, r * rho z c = \rsum_(k < n) (h k * pd (fun u => rho u c) z k)) ->
  local_minimum objPR z ->
  exists eps0, 0 < eps0 /\ forall eps, 0 <= eps < eps0 ->
    (forall s (S alpha : 'I_s -> vec n), (forall j, VPR z eps (S j)) ->
       objPR z <= / INR m * (\rsum_(i < m)
         Q i (join (phi_model z eps S alpha i) (rho_model z eps S alpha)))) /\
    VPR z eps (fun=> 0) /\
    (let S := fun (_ : 'I_1) (_ : 'I_n) => 0 in let alpha := fun (_ : 'I_1) => h in
     / INR m * (\rsum_(i < m) Q i (join (phi_model z eps S alpha i) (rho_model z eps S alpha))) = objPR z).
Proof.
move=> cv df [r0 [r00 hex]] gphi grho hm.
pose psi (i : 'I_m) (u : vec n) : vec (dp + dr) := join (phi i u) (rho u).
pose w : vec (dp + dr) := join (fun=> 1) (fun=> r).
have hex' : exists r0, 0 < r0 /\ forall z', (forall j, Rabs (z' j - z j) < r0) ->
     forall i c k, ex_pd (fun u => psi i u c) z' k.
  exists r0; split => // z' hz' i c k; have [h1 h2] := hex z' hz' k.
  by rewrite /psi /join; case: (split c) => j.
have gb : gbasis psi w z h.
  move=> i c; rewrite /psi /w /join; case: (split c) => j; last exact: grho.
  by rewrite Rmult_1_l; exact: gphi.
have [e0 [e00 H]] := pgb_condition_vector m_pos cv df hex' gb hm.
exists e0; split => // eps he; have [lo [V0 at0]] := H eps he.
have mE s (S alpha : 'I_s -> vec n) i : model psi w z eps S alpha i =
    join (phi_model z eps S alpha i) (rho_model z eps S alpha).
  apply: functional_extensionality => c; rewrite /model /psi /w /join; case: (split c) => j //.
  by rewrite Rminus_eq_0 Rmult_0_l Rplus_0_l.
split.
  move=> s S alpha hS.
  have hS' j : Vdir psi z eps (S j).
    have [n1 [h1 h2]] := hS j; split; last by move=> i c; rewrite /psi h1 h2.
    move=> k; apply: Rabs_le.
    have : S j k * S j k <= 1.
      apply: Rle_trans n1; rewrite (rsum_D1 _ k).
      have : 0 <= \rsum_(i < n | i != k) (S j i * S j i) by apply: rsum_ge0 => i _; exact: Rle_0_sqr.
      by lra.
    by move=> sq; split; nra.
  have := lo s S alpha hS'; rewrite /induced /obj /objPR.
  by have -> : \rsum_(i < m) Q i (model psi w z eps S alpha i) =
     \rsum_(i < m) Q i (join (phi_model z eps S alpha i) (rho_model z eps S alpha))
     by apply: eq_bigr => i _; rewrite mE.
split.
  split; first by rewrite rsum_0 => [|k _]; [lra|ring].
  by split => [i|]; rewrite perturb0.
move=> S alpha; move: at0; rewrite /induced /obj /objPR => <-.
by congr (_ * _); apply: eq_bigr => i _; rewrite mE.
Qed.
End PhiRho.
