(** The proofs of the statements in Statements.v: five theorems that mention no definition of this development. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Vanishing Elimination Characterisation FailureMode Condition Residual Statements.
Local Open Scope R_scope.

Theorem elimination_final : elimination_statement.
Proof.
move=> m dx dy x Theta f l lambda m0 l0 cv df L Lt' lm th a b W.
have df' i : gdifferentiable (l i) by apply: differentiable_gd; exact: df.
have [[F G] H] := @characterisation_product m dx dy x Theta f l lambda m0 l0 th a b W cv df'.
split => [[r [r0 h]]|a0 opt].
  have hm : local_min x f l lambda (mkparam th a b W).
    exists (mkposreal r r0) => -[th' [a' [b' W']]] [/= h1 [h2 [h3 h4]]].
    exact: (h th' a' b' W' h1 h2 h3 h4).
  have [glob [best same]] := H hm; have [a0 opt] := F hm.
  by [].
exists 1; split; first by lra.
move=> th' a' b' W' _ _ _ _.
exact: (@global_from_optimal m dx dy x Theta f l lambda th a b W (Rlt_le _ _ l0) a0 opt).
Qed.

Theorem elimination_fixed_theta_final : elimination_fixed_theta_statement.
Proof.
move=> m dx dy x Theta f l lambda m0 l0 cv df L Lt' th a b W hm.
have df' i : gdifferentiable (l i) by apply: differentiable_gd; exact: df.
have [a0 [_ [opt E]]] := @elimination m dx dy x Theta f l lambda m0 th a b W l0 cv df' hm.
split => //; split => //; split => // th' a' b' W'.
exact: (@global_from_optimal m dx dy x Theta f l lambda th a b W (Rlt_le _ _ l0) a0 opt).
Qed.

Theorem failure_mode_final : failure_mode_statement.
Proof.
move=> m dx dy x Theta f l lambda m0 l0 cv df L Lt' th [q hq] V.
have df' i : gdifferentiable (l i) by apply: differentiable_gd; exact: df.
split; first exact: (@failure_mode_a m dx dy x Theta f l lambda m0 l0 cv df' th q hq).
have [B1 B2] := @failure_mode_b m dx dy x Theta f l lambda m0 l0 cv df' th q hq.
split => //; split => //; split.
  move=> pos a b W lim.
  have [A C] := @failure_mode_c m dx dy x Theta f l lambda m0 l0 cv df' th q hq pos a b W lim.
  split => // M; have [N hN] := C M; exists N => n /leP; exact: hN.
split; first by move=> c b W s; exact: (ray_value x f l lambda th c b W s).
split; first by move=> c b W; exact: (@failure_mode_d m dx dy x Theta f l lambda th c b W l0).
exact: (@failure_mode_e m dx dy x Theta f l lambda th (Rlt_le _ _ l0)).
Qed.

Theorem pgb_condition_final : pgb_condition_statement.
Proof.
move=> m n dp dr phi rho r Q z h line d value m0 cv df [r0 [r00 hex]] gphi grho hm.
pose lo (v : vec (dp + dr)) : vec dp := fun c => v (lshift dr c).
pose hi (v : vec (dp + dr)) : vec dr := fun c => v (rshift dp c).
pose Q' i (v : vec (dp + dr)) := Q i (lo v) (hi v).
have lo_join u v : lo (@join dp dr u v) = u.
  apply: functional_extensionality => c; rewrite /lo /join; case: split_ordP => j; first by move/lshift_inj ->.
  by move/eqP; rewrite eq_lrshift.
have hi_join u v : hi (@join dp dr u v) = v.
  apply: functional_extensionality => c; rewrite /hi /join; case: split_ordP => j; last by move/rshift_inj ->.
  by move/eqP; rewrite eq_rlshift.
have QE i u v : Q' i (join u v) = Q i u v by rewrite /Q' lo_join hi_join.
have cv' i : convex (Q' i) by move=> p q t tt; exact: (cv i (lo p) (lo q) (hi p) (hi q) t tt).
have df' i : exists g, is_grad (Q' i) (join (phi i z) (rho z)) g.
  have [g [g' hg]] := df i; exists (join g g') => eps e0.
  have [delta [d0 hd]] := hg eps e0; exists delta; split => // e.
  rewrite !big_split_ord /= => he; have := hd (lo e) (hi e) he.
  have -> : Q' i (fun k => join (phi i z) (rho z) k + e k) =
    Q i (fun c => phi i z c + lo e c) (fun c => rho z c + hi e c).
    rewrite /Q'; congr (Q i _ _); apply: functional_extensionality => c.
      by rewrite -[in RHS](lo_join (phi i z) (rho z)).
    by rewrite -[in RHS](hi_join (phi i z) (rho z)).
  rewrite QE.
  have -> : \big[Rplus/0]_(c < dp) (join g g' (lshift dr c) * e (lshift dr c)) = \big[Rplus/0]_(c < dp) (g c * lo e c).
    by apply: eq_bigr => c _; rewrite -[in RHS](lo_join g g').
  have -> : \big[Rplus/0]_(c < dr) (join g g' (rshift dp c) * e (rshift dp c)) = \big[Rplus/0]_(c < dr) (g' c * hi e c).
    by apply: eq_bigr => c _; rewrite -[in RHS](hi_join g g').
  by [].
have valE u : objPR phi rho Q' u = value u.
  by rewrite /objPR /value; congr (_ * _); apply: eq_bigr => i _; rewrite QE.
have hm' : local_minimum (objPR phi rho Q') z.
  by have [r1 [r10 h1]] := hm; exists r1; split => // u hu; rewrite !valE; exact: h1.
have hex' : exists r0, 0 < r0 /\ forall z', (forall j, Rabs (z' j - z j) < r0) -> forall k,
    (forall i c, ex_pd (fun u => phi i u c) z' k) /\ (forall c, ex_pd (fun u => rho u c) z' k) by exists r0.
have [eps0 [e00 H]] := @pgb_condition m n dp dr phi rho r Q' m0 z h cv' df' hex' gphi grho hm'.
exists eps0; split => // eps he at_ V induced; have [low [_ att]] := H eps he.
have VE v : V v -> VPR phi rho z eps v.
  move=> [v1 [v2 v3]]; split => //; split => [i|]; apply: functional_extensionality => c; [exact: v2|exact: v3].
have indE s (S alpha : 'I_s -> vec n) : / INR m * (\big[Rplus/0]_(i < m)
    Q' i (join (phi_model phi z eps S alpha i) (rho_model rho r z eps S alpha))) = induced s S alpha.
  by rewrite /induced; congr (_ * _); apply: eq_bigr => i _; rewrite QE.
split; first by move=> s S alpha hS; rewrite -valE -indE; apply: low => j; exact: VE.
split; last by rewrite -valE -indE; exact: att.
split; first by rewrite rsum_0 => [|j _]; [lra|ring].
have z0 : at_ (fun=> 0) = z by apply: functional_extensionality => j; rewrite /at_; ring.
by rewrite z0.
Qed.

Theorem residual_final : residual_statement.
Proof.
move=> m dx dy dz U x z l m0 le cv df L f W V u hm A B.
have df' i : gdifferentiable (l i) by apply: differentiable_gd; exact: df.
exact: (@residual m dx dy dz x (fun i => z (x i) u) l m0 W V le cv df' hm A B).
Qed.
