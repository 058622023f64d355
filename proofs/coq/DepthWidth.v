(** depth_width: for a model with a gradient basis and convex losses, the value at a critical point is the
    minimum over the column space of its Jacobian; so a critical point whose column space contains another's is
    not worse.  For squared loss psi(z) is the orthogonal projection of y on the column space.
    Instances of the gradient-basis property: a linear last layer, and the penalty |a|^2 with r = 2. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Losses Condition.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section Critical.
Variables (m n d : nat) (psi : 'I_m -> vec n -> vec d) (Q : 'I_m -> vec d -> R).
Hypothesis m_pos : (0 < m)%N.

Definition critical_pt (z : vec n) : Prop := forall k, is_derive (fun t => obj psi Q (shift z k t)) 0 0.
(** the Jacobian J[(i,c), k] = d_k psi_ic(z), applied to alpha *)
Definition lin (z alpha : vec n) (i : 'I_m) : vec d :=
  fun c => \rsum_(k < n) (alpha k * pd (fun u => psi i u c) z k).
Definition has_pd (z : vec n) : Prop := forall i c k, ex_pd (fun u => psi i u c) z k.

Lemma critical_orthogonal z g : critical_pt z -> has_pd z ->
  (forall i, is_grad (Q i) (psi i z) (g i)) ->
  forall k, \rsum_(i < m) (\rsum_(c < d) (g i c * pd (fun u => psi i u c) z k)) = 0.
Proof.
move=> cr hex hg k.
have D : is_derive (fun t => obj psi Q (shift z k t)) 0
  (/ INR m * (\rsum_(i < m) (\rsum_(c < d) (g i c * pd (fun u => psi i u c) z k)))).
  apply: is_derive_scal; apply: is_derive_rsum => i _.
  apply: (@chain_curve d (Q i) (fun t => psi i (shift z k t))); first by rewrite shift0.
  by move=> c; apply: Derive_correct; exact: hex.
have E := is_derive_unique _ _ _ D; rewrite (is_derive_unique _ _ _ (cr k)) in E.
have im := invm_pos m_pos.
by case: (Rmult_integral _ _ (esym E)) => //; lra.
Qed.

(** every critical point is optimal in its own linearised model *)
Theorem critical_value z h : (forall i, convex (Q i)) ->
  (forall i, exists g, is_grad (Q i) (psi i z) g) -> has_pd z ->
  (forall i c, psi i z c = lin z h i c) -> critical_pt z ->
  (forall alpha, obj psi Q z <= / INR m * (\rsum_(i < m) Q i (lin z alpha i))) /\
  obj psi Q z = / INR m * (\rsum_(i < m) Q i (lin z h i)).
Proof.
move=> cv df hex gb cr; split; last first.
  rewrite /obj; congr (_ * _); apply: eq_bigr => i _; congr (Q i _).
  by apply: functional_extensionality => c; rewrite gb.
move=> alpha; have [g hg] := fin_all_exists df.
have st := critical_orthogonal cr hex hg.
have S0 beta : \rsum_(i < m) (\rsum_(c < d) (g i c * lin z beta i c)) = 0.
  transitivity (\rsum_(k < n) (beta k * \rsum_(i < m) (\rsum_(c < d) (g i c * pd (fun u => psi i u c) z k)))).
    transitivity (\rsum_(i < m) (\rsum_(k < n) (\rsum_(c < d) (beta k * (g i c * pd (fun u => psi i u c) z k))))).
      apply: eq_bigr => i _; rewrite exchange_big /=; apply: eq_bigr => c _.
      by rewrite /lin -rsum_scal_l; apply: eq_bigr => k _; ring.
    rewrite exchange_big /=; apply: eq_bigr => k _; rewrite -rsum_scal_l; apply: eq_bigr => i _.
    by rewrite rsum_scal_l.
  by apply: rsum_0 => k _; rewrite st; ring.
have Z : \rsum_(i < m) (\rsum_(c < d) (g i c * (lin z alpha i c - psi i z c))) = 0.
  transitivity (\rsum_(i < m) (\rsum_(c < d) (g i c * lin z alpha i c)) -
                \rsum_(i < m) (\rsum_(c < d) (g i c * lin z h i c))).
    rewrite -rsum_minus; apply: eq_bigr => i _; rewrite -rsum_minus; apply: eq_bigr => c _.
    by rewrite gb; ring.
  by rewrite !S0; ring.
rewrite /obj; apply: Rmult_le_compat_l; first by have := invm_pos m_pos; lra.
have E : \rsum_(i < m) Q i (psi i z) =
  \rsum_(i < m) (Q i (psi i z) + \rsum_(c < d) (g i c * (lin z alpha i c - psi i z c))).
  by rewrite rsum_plus Z Rplus_0_r.
rewrite E; apply: rsum_le => i _; apply: convex_first_order; first exact: cv.
by apply: is_grad_dgrad; exact: hg.
Qed.
End Critical.

(** depth_width: if the columns of the Jacobian of one model at a critical point lie in the column
    space of the other's, the second critical value is no larger *)
Theorem depth_width (m n n' d : nat) (psi : 'I_m -> vec n -> vec d) (psi' : 'I_m -> vec n' -> vec d)
  (Q : 'I_m -> vec d -> R) z z' h h' : (0 < m)%N ->
  (forall i, convex (Q i)) -> (forall i, differentiable (Q i)) ->
  has_pd psi z -> has_pd psi' z' ->
  (forall i c, psi i z c = lin psi z h i c) -> (forall i c, psi' i z' c = lin psi' z' h' i c) ->
  critical_pt psi Q z -> critical_pt psi' Q z' ->
  (forall alpha, exists beta, forall i c, lin psi z alpha i c = lin psi' z' beta i c) ->
  obj psi' Q z' <= obj psi Q z.
Proof.
move=> m0 cv df hex hex' gb gb' cr cr' incl.
have [_ ->] := critical_value m0 cv (fun i => df i (psi i z)) hex gb cr.
have [lo _] := critical_value m0 cv (fun i => df i (psi' i z')) hex' gb' cr'.
have [beta hb] := incl h.
have := lo beta.
suff -> : \rsum_(i < m) Q i (lin psi' z' beta i) = \rsum_(i < m) Q i (lin psi z h i) by [].
apply: eq_bigr => i _; congr (Q i _); apply: functional_extensionality => c; by rewrite hb.
Qed.

(** squared loss: the residual is orthogonal to every column, i.e. psi(z) is the orthogonal
    projection of y on the column space: Q(z) = |(I - P_J) y|^2 / m *)
Theorem squared_projection (m n d : nat) (psi : 'I_m -> vec n -> vec d) (y : 'I_m -> vec d) z h :
  (0 < m)%N -> has_pd psi z -> (forall i c, psi i z c = lin psi z h i c) ->
  critical_pt psi (fun i => sqloss (y i)) z ->
  (forall k, \rsum_(i < m) (\rsum_(c < d) ((y i c - psi i z c) * pd (fun u => psi i u c) z k)) = 0) /\
  (forall alpha, obj psi (fun i => sqloss (y i)) z <= / INR m * (\rsum_(i < m) sqloss (y i) (lin psi z alpha i))).
Proof.
move=> m0 hex gb cr; split; last first.
  have [lo _] := critical_value m0 (fun i => sqloss_convex (y i))
    (fun i => sqloss_differentiable (y i) (psi i z)) hex gb cr.
  exact: lo.
move=> k; have := critical_orthogonal m0 cr hex (fun i => sqloss_grad (y i) (psi i z)) k.
have -> : \rsum_(i < m) (\rsum_(c < d) (2 * (psi i z c - y i c) * pd (fun u => psi i u c) z k)) =
  -2 * \rsum_(i < m) (\rsum_(c < d) ((y i c - psi i z c) * pd (fun u => psi i u c) z k)).
  rewrite -rsum_scal_l; apply: eq_bigr => i _; rewrite -rsum_scal_l; apply: eq_bigr => c _; ring.
by move=> E; case: (Rmult_integral _ _ E) => //; lra.
Qed.

(** ** Instances of the gradient-basis property *)
(** any coordinate of the model that is linear in a block u of parameters (last layer): with
    h = u on the block and 0 elsewhere *)
Theorem gbasis_linear_block n (F : vec n -> R) (B : pred 'I_n) (z : vec n) (c : 'I_n -> R) :
  (* near z in the block directions F is linear: F(z + t e_k) = F(z) + t c_k, F(z) = sum_B z_k c_k *)
  (forall k t, B k -> F (shift z k t) = F z + t * c k) ->
  F z = \rsum_(k < n | B k) (z k * c k) ->
  F z = \rsum_(k < n) ((if B k then z k else 0) * pd F z k).
Proof.
move=> hF ->; rewrite big_mkcond /=; apply: eq_bigr => k _; case: ifP => Bk; last by ring.
congr (_ * _); symmetry; apply: is_derive_unique.
apply: (is_derive_ext (fun t => F z + t * c k)) => [t|]; first by rewrite hF.
by auto_derive => //; ring.
Qed.

(** the penalty rho = sum_B z_k^2 with the same h and r = 2 *)
Theorem gbasis_penalty n (B : pred 'I_n) (z : vec n) :
  let rho := fun u : vec n => \rsum_(k < n | B k) (u k * u k) in
  2 * rho z = \rsum_(k < n) ((if B k then z k else 0) * pd rho z k).
Proof.
move=> rho; rewrite /rho -rsum_scal_l big_mkcond /=; apply: eq_bigr => k _.
case: ifP => Bk; last by ring.
suff -> : pd (fun u : vec n => \rsum_(k0 < n | B k0) (u k0 * u k0)) z k = 2 * z k by ring.
apply: is_derive_unique.
have -> : 2 * z k = \rsum_(i < n | B i) (if i == k then 2 * z i else 0).
  by rewrite big_mkcond /= (@rsum_single _ _ k) ?eqxx ?Bk // => i /negbTE ->; case: ifP.
apply: is_derive_rsum => i _; rewrite /shift; case: (i == k); auto_derive => //; ring.
Qed.
