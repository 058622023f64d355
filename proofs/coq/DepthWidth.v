(** depth_width: for a model with a gradient basis and convex losses, differentiable or not, the value at a critical
    point is the minimum over the column space of its Jacobian; so a critical point whose column space contains
    another's is not worse.  For squared loss psi(z) is the orthogonal projection of y on the column space.
    Instances of the gradient-basis property: a linear last layer, and the penalty |a|^2 with r = 2. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Convexity Objective Losses Condition.
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

(** every critical point is optimal in its own linearised model; the losses need not be differentiable *)
Theorem critical_value z h : (forall i, convex (Q i)) -> has_pd z ->
  (forall i c, psi i z c = lin z h i c) -> critical_pt z ->
  (forall alpha, obj psi Q z <= / INR m * (\rsum_(i < m) Q i (lin z alpha i))) /\
  obj psi Q z = / INR m * (\rsum_(i < m) Q i (lin z h i)).
Proof.
move=> cv hex gb cr; split; last first.
  rewrite /obj; congr (_ * _); apply: eq_bigr => i _; congr (Q i _).
  by apply: functional_extensionality => c; rewrite gb.
move=> alpha; have im := invm_pos m_pos.
pose G (u : 'I_m * 'I_d -> R) := / INR m * \rsum_(i < m) Q i (fun c => u (i, c)).
have cvG (u v : 'I_m * 'I_d -> R) a : 0 <= a -> a <= 1 ->
    G (fun k => a * u k + (1 - a) * v k) <= a * G u + (1 - a) * G v.
  move=> a0 a1; rewrite /G.
  set U := \rsum_(i < m) Q i (fun c => u (i, c)); set V := \rsum_(i < m) Q i (fun c => v (i, c)).
  have -> : a * (/ INR m * U) + (1 - a) * (/ INR m * V) = / INR m * (a * U + (1 - a) * V) by ring.
  apply: Rmult_le_compat_l; first by lra.
  rewrite /U /V -!rsum_scal_l -rsum_plus; apply: rsum_le => i _.
  have := cv i (fun c => v (i, c)) (fun c => u (i, c)) a (conj a0 a1).
  have -> : (fun c => (1 - a) * v (i, c) + a * u (i, c)) = (fun c => a * u (i, c) + (1 - a) * v (i, c)).
    by apply: functional_extensionality => c; ring.
  by lra.
have := @convex_tangents _ G cvG n (fun ic => psi ic.1 z ic.2) (fun k ic s => psi ic.1 (shift z k s) ic.2)
  (fun k ic => pd (fun u => psi ic.1 u ic.2) z k) (fun=> 0) (fun=> 0).
move=> /(_ _ _ cr) key; have {}key := key _ _ (fun k => alpha k - h k).
rewrite [X in _ + X](rsum_0 (P := xpredT)) in key; last by move=> k _; ring.
rewrite Rplus_0_r in key; apply: Rle_trans (key _ _) _.
- by move=> k [i c]; apply: Derive_correct; exact: hex.
- by move=> k ic; rewrite shift0.
apply: Req_le; congr (_ * _); apply: eq_bigr => i _; congr (Q i _).
apply: functional_extensionality => c /=; rewrite gb /lin -rsum_plus.
by apply: eq_bigr => k _; ring.
Qed.
End Critical.

(** depth_width: if the columns of the Jacobian of one model at a critical point lie in the column
    space of the other's, the second critical value is no larger *)
Theorem depth_width (m n n' d : nat) (psi : 'I_m -> vec n -> vec d) (psi' : 'I_m -> vec n' -> vec d)
  (Q : 'I_m -> vec d -> R) z z' h h' : (0 < m)%N ->
  (forall i, convex (Q i)) -> has_pd psi z -> has_pd psi' z' ->
  (forall i c, psi i z c = lin psi z h i c) -> (forall i c, psi' i z' c = lin psi' z' h' i c) ->
  critical_pt psi Q z -> critical_pt psi' Q z' ->
  (forall alpha, exists beta, forall i c, lin psi z alpha i c = lin psi' z' beta i c) ->
  obj psi' Q z' <= obj psi Q z.
Proof.
move=> m0 cv hex hex' gb gb' cr cr' incl.
have [_ ->] := critical_value m0 cv hex gb cr.
have [lo _] := critical_value m0 cv hex' gb' cr'.
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
  by have [lo _] := critical_value m0 (fun i => sqloss_convex (y i)) hex gb cr.
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
