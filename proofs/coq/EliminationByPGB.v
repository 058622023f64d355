(** elimination_by_pgb: the second proof of elimination, through the PGB condition in its one-screen form.  With theta
    held fixed the model is phi_i(a, b, W) = g(x_i; a, b, W), with rho = |a|^2, h = a and r = 2.  At a local minimum
    a = 0, so that moving (b, W) changes neither phi nor rho: every such direction is a perturbation.  Perturbing W
    along multiples of one direction that separates the inputs, the induced model takes every value a function of x
    can take on the inputs (interpolation by powers of exponentials), and so L(theta) is optimal. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq choice fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Vanishing FailureMode Rules Statements Final.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Lemma exp_INR p y : exp (INR p * y) = exp y ^ p.
Proof.
elim: p => [|p IH]; first by rewrite Rmult_0_l exp_0.
by rewrite S_INR Rmult_plus_distr_r Rmult_1_l exp_plus IH /=; ring.
Qed.

Lemma rsum_const m (c : R) : \rsum_(i < m) c = INR m * c.
Proof.
elim: m => [|m IH]; first by rewrite big_ord0 /=; ring.
by rewrite big_ord_recl IH S_INR; ring.
Qed.

Section Coordinates.
Variables (m dx dy : nat) (x : 'I_m -> vec dx).
Let n := #|ix dx dy|.
(** the coordinates of a_k, b_k and W_kj among the n = dy + dy + dy dx parameters *)
Definition ca (k : 'I_dy) : 'I_n := enum_rank (inl k : ix dx dy).
Definition cb (k : 'I_dy) : 'I_n := enum_rank (inr (inl k) : ix dx dy).
Definition cW (k : 'I_dy) (j : 'I_dx) : 'I_n := enum_rank (inr (inr (k, j)) : ix dx dy).
Definition point (a b : vec dy) (W : 'I_dy -> vec dx) : vec n := fun c => pack a b W (enum_val c).

Lemma point_a a b W k : point a b W (ca k) = a k. Proof. by rewrite /point enum_rankK. Qed.
Lemma point_b a b W k : point a b W (cb k) = b k. Proof. by rewrite /point enum_rankK. Qed.
Lemma point_W a b W k j : point a b W (cW k j) = W k j. Proof. by rewrite /point enum_rankK. Qed.

Lemma point_eta (u : vec n) : u = point (fun k => u (ca k)) (fun k => u (cb k)) (fun k j => u (cW k j)).
Proof.
apply: functional_extensionality => c; rewrite /point -{1}(enum_valK c).
by case: (enum_val c) => [k|[k|[k j]]].
Qed.

Lemma ca_inj k k' : (ca k == ca k') = (k == k').
Proof. by rewrite /ca (inj_eq enum_rank_inj). Qed.

(** the exponents and the added units, as functions of the parameter vector *)
Definition ex (u : vec n) (i : 'I_m) (k : 'I_dy) : R := dot (fun j => u (cW k j)) (x i) + u (cb k).
Definition phi (i : 'I_m) (u : vec n) : vec dy := fun k => u (ca k) * exp (ex u i k).
Definition rho (u : vec n) : vec 1 := fun=> \rsum_(k < dy) (u (ca k) * u (ca k)).

Let line (u : vec n) (c : 'I_n) (t : R) : vec n := fun j => u j + (if j == c then t else 0).
Let one (b : bool) : R := if b then 1 else 0.

Lemma phi_line u c t i k : phi i (line u c t) k =
  (u (ca k) + t * one (ca k == c)) * exp (ex u i k + t * (\rsum_(j < dx) (one (cW k j == c) * x i j) + one (cb k == c))).
Proof.
rewrite /phi /ex /line; have E b : (if b then t else 0) = t * one b by rewrite /one; case: b; ring.
rewrite !E; congr (_ * exp _).
rewrite Rmult_plus_distr_l -rsum_scal_l.
have -> : dot (fun j => u (cW k j) + (if cW k j == c then t else 0)) (x i) =
  dot (fun j => u (cW k j)) (x i) + \rsum_(j < dx) (t * (one (cW k j == c) * x i j)).
  by rewrite /dot -rsum_plus; apply: eq_bigr => j _; rewrite E; ring.
by ring.
Qed.

Lemma phi_derive u c i k : is_derive (fun t => phi i (line u c t) k) 0
  (one (ca k == c) * exp (ex u i k)
   + u (ca k) * ((\rsum_(j < dx) (one (cW k j == c) * x i j) + one (cb k == c)) * exp (ex u i k))).
Proof.
apply: is_derive_ext => [t|]; first by rewrite phi_line.
move: (\rsum_(j < dx) _ + _) => delta.
auto_derive => //; rewrite !Rmult_0_l !Rplus_0_r; ring.
Qed.

Lemma rho_derive u c k1 : is_derive (fun t => rho (line u c t) k1) 0 (\rsum_(k < dy) (2 * u (ca k) * one (ca k == c))).
Proof.
apply: is_derive_rsum => k _; rewrite /line /one.
by case: (ca k == c); auto_derive => //; ring.
Qed.
End Coordinates.

Section EliminationByPGB.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Hypothesis m_pos : (0 < m)%N.
Hypothesis lambda_pos : 0 < lambda.
Let n := #|ix dx dy|.

(** the model as an instance of the PGB condition *)
Definition Qpgb (th : Theta) (i : 'I_m) (p : vec dy) (s : vec 1) : R :=
  loss i (fun k => net th (x i) k + p k) + lambda * s ord0.

Lemma value_Lt th (u : vec n) :
  / INR m * (\rsum_(i < m) Qpgb th i (phi x i u) (rho u)) =
  Lt x net loss lambda th (fun k => u (ca dx k)) (fun k => u (cb dx k)) (fun k j => u (cW k j)).
Proof.
rewrite /Qpgb rsum_plus rsum_const /Lt /risk Rmult_plus_distr_l; congr (_ + _).
by rewrite -Rmult_assoc Rinv_l ?Rmult_1_l //; apply: not_0_INR; case: (m) m_pos.
Qed.

(** a direction in the parameters that moves every row of W along u *)
Let row (u : vec dx) : vec n := point (fun=> 0) (fun=> 0) (fun _ => u).

Theorem elimination_by_pgb th a b W :
  (forall i, convex (loss i)) -> (forall i, differentiable (loss i)) ->
  local_min_aux x net loss lambda th a b W ->
  (forall k, a k = 0) /\ forall q, L x net loss th <= risk x loss q.
Proof.
move=> cv df hm; have a0 := vanishing_at_minima lambda_pos hm; split => // q.
pose z : vec n := point a b W.
have za k : z (ca dx k) = 0 by rewrite /z point_a a0.
have phi0 (u : vec n) i : (forall k, u (ca dx k) = 0) -> phi x i u = fun=> 0.
  by move=> u0; apply: functional_extensionality => k; rewrite /phi u0; ring.
have rho0 (u : vec n) : (forall k, u (ca dx k) = 0) -> rho u = fun=> 0.
  by move=> u0; apply: functional_extensionality => k1; apply: rsum_0 => k _; rewrite u0; ring.
(* the hypotheses of the PGB condition *)
have cvQ i p p' s s' t : 0 <= t <= 1 ->
  Qpgb th i (fun c => (1 - t) * p c + t * p' c) (fun c => (1 - t) * s c + t * s' c)
    <= (1 - t) * Qpgb th i p s + t * Qpgb th i p' s'.
  move=> tt; rewrite /Qpgb.
  have := cv i (fun k => net th (x i) k + p k) (fun k => net th (x i) k + p' k) t tt.
  have -> : (fun k => (1 - t) * (net th (x i) k + p k) + t * (net th (x i) k + p' k)) =
    (fun k => net th (x i) k + ((1 - t) * p k + t * p' k)) by apply: functional_extensionality => k; ring.
  by lra.
have dfQ i : exists (g : 'I_dy -> R) (g' : 'I_1 -> R), forall eps : R, 0 < eps -> exists delta : R, 0 < delta /\
    forall (e : 'I_dy -> R) (e' : 'I_1 -> R), \rsum_(c < dy) Rabs (e c) + \rsum_(c < 1) Rabs (e' c) < delta ->
    Rabs (Qpgb th i (fun c => phi x i z c + e c) (fun c => rho z c + e' c) - Qpgb th i (phi x i z) (rho z)
          - (\rsum_(c < dy) (g c * e c) + \rsum_(c < 1) (g' c * e' c)))
      <= eps * (\rsum_(c < dy) Rabs (e c) + \rsum_(c < 1) Rabs (e' c)).
  have [g hg] := df i (fun k => net th (x i) k + phi x i z k).
  exists g, (fun=> lambda) => eps e0; have [delta [d0 hd]] := hg eps e0.
  exists delta; split => // e e'; rewrite !rsum1 => he.
  have p1 := Rabs_pos (e' ord0).
  have he1 : \rsum_(c < dy) Rabs (e c) < delta by lra.
  have := hd e he1; rewrite /Qpgb.
  have -> : (fun k => net th (x i) k + (phi x i z k + e k)) = (fun k => net th (x i) k + phi x i z k + e k).
    by apply: functional_extensionality => k; ring.
  set A := loss i _; set B := loss i _; set G := \rsum_(c < dy) (g c * e c); set E := \rsum_(c < dy) Rabs (e c).
  have -> : A + lambda * (rho z ord0 + e' ord0) - (B + lambda * rho z ord0) - (G + lambda * e' ord0) = A - B - G by ring.
  have : 0 <= eps * Rabs (e' ord0) by apply: Rmult_le_pos; lra.
  by lra.
have exQ : exists r0 : R, 0 < r0 /\ forall u : vec n, (forall j, Rabs (u j - z j) < r0) -> forall k,
    (forall i c, ex_derive (fun t => phi x i (fun j => u j + (if j == k then t else 0)) c) 0) /\
    (forall c, ex_derive (fun t => rho (dx := dx) (dy := dy) (fun j => u j + (if j == k then t else 0)) c) 0).
  exists 1; split => [|u _ k]; first by lra.
  by split => [i c|c]; eexists; [exact: phi_derive|exact: rho_derive].
pose h : vec n := fun=> 0.
have gphi i c : phi x i z c = \rsum_(k < n) (h k * Derive (fun t => phi x i (fun j => z j + (if j == k then t else 0)) c) 0).
  by rewrite phi0 // rsum_0 // => k _; rewrite /h Rmult_0_l.
have grho c : 2 * rho z c = \rsum_(k < n) (h k * Derive (fun t => rho (dx := dx) (dy := dy) (fun j => z j + (if j == k then t else 0)) c) 0).
  by rewrite rho0 // Rmult_0_r rsum_0 // => k _; rewrite /h Rmult_0_l.
have minQ : exists r1 : R, 0 < r1 /\ forall u : vec n, (forall j, Rabs (u j - z j) < r1) ->
    / INR m * (\rsum_(i < m) Qpgb th i (phi x i z) (rho z)) <= / INR m * (\rsum_(i < m) Qpgb th i (phi x i u) (rho u)).
  have [r1 [r10 h1]] := hm; exists r1; split => // u hu; rewrite !value_Lt.
  have -> : (fun k => z (ca dx k)) = a by apply: functional_extensionality => k; rewrite /z point_a.
  have -> : (fun k => z (cb dx k)) = b by apply: functional_extensionality => k; rewrite /z point_b.
  have -> : (fun k j => z (cW k j)) = W.
    by apply: functional_extensionality => k; apply: functional_extensionality => j; rewrite /z point_W.
  apply: h1 => [k|k|k j]; first by have := hu (ca dx k); rewrite /z point_a.
    by have := hu (cb dx k); rewrite /z point_b.
  by have := hu (cW k j); rewrite /z point_W.
have [eps0 [e00 H]] := @pgb_condition_final m n dy 1%N (phi x) (@rho dx dy) 2 (Qpgb th) z h m_pos cvQ dfQ exQ gphi grho minQ.
(* a direction that separates the inputs, scaled so that all perturbations have length at most 1 *)
have [w sep] := rule_separation x.
pose N := \rsum_(j < n) (row w j * row w j).
have N0 : 0 <= N by apply: rsum_ge0 => j _; exact: Rle_0_sqr.
have m0 := pos_INR m.
pose s := / ((1 + INR m) * (1 + N)).
have s0 : 0 < s by apply: Rinv_0_lt_compat; apply: Rmult_lt_0_compat; lra.
pose eps := eps0 / 2.
have e0 : 0 < eps by rewrite /eps; lra.
have e1 : eps < eps0 by rewrite /eps; lra.
have [low _] := H eps (conj (Rlt_le _ _ e0) e1).
pose S (p : 'I_m) : vec n := fun j => INR p * s * row w j.
have Sa v k : z (ca dx k) + eps * S v (ca dx k) = 0 by rewrite za /S /row point_a; ring.
have VS p : \rsum_(j < n) (S p j * S p j) <= 1 /\
    (forall i c, phi x i (fun j => z j + eps * S p j) c = phi x i z c) /\
    (forall c, rho (dx := dx) (dy := dy) (fun j => z j + eps * S p j) c = rho z c).
  split; last by split => [i c|c]; rewrite ?phi0 ?rho0.
  have -> : \rsum_(j < n) (S p j * S p j) = (INR p * s) * (INR p * s) * N.
    by rewrite /N -rsum_scal_l; apply: eq_bigr => j _; rewrite /S; ring.
  have p0 := pos_INR p.
  have pm : INR p <= INR m by apply: le_INR; apply/leP; exact: ltnW (ltn_ord p).
  have sE : s * ((1 + INR m) * (1 + N)) = 1 by rewrite /s Rinv_l //; apply: Rgt_not_eq; apply: Rmult_lt_0_compat; lra.
  have u1 : INR p * s * (1 + N) <= 1.
    apply: (Rle_trans _ ((1 + INR m) * (s * (1 + N)))); last first.
      by have -> : (1 + INR m) * (s * (1 + N)) = s * ((1 + INR m) * (1 + N)) by [ring]; rewrite sE; lra.
    rewrite Rmult_assoc; apply: Rmult_le_compat_r; last by lra.
    by apply: Rmult_le_pos; lra.
  have v0 : 0 <= INR p * s by apply: Rmult_le_pos; lra.
  have v1 : INR p * s <= 1 by apply: Rle_trans u1; rewrite -{1}(Rmult_1_r (INR p * s)); apply: Rmult_le_compat_l; lra.
  have v2 : INR p * s * N <= 1 by apply: Rle_trans u1; apply: Rmult_le_compat_l; lra.
  have : INR p * s * (INR p * s * N) <= 1 * 1 by apply: Rmult_le_compat => //; apply: Rmult_le_pos.
  by lra.
(* interpolation on the inputs *)
pose node (i : 'I_m) := exp (eps * s * dot w (x i)).
pose target (k : 'I_dy) (i : 'I_m) := (q (x i) k - net th (x i) k) * exp (- (dot (W k) (x i) + b k)).
have agree k i i' : node i = node i' -> target k i = target k i'.
  move=> /exp_inv E; have es : 0 < eps * s by exact: Rmult_lt_0_compat.
  have {}E : dot w (x i) = dot w (x i') by apply: (Rmult_eq_reg_l (eps * s)) => //; lra.
  by have xx : x i = x i' by [apply: functional_extensionality => j; exact: sep]; rewrite /target xx.
have [al hal] := fin_all_exists (fun k => rule_lagrange (agree k)).
pose alpha (p : 'I_m) : vec n := fun c => if enum_val c is inl k then al k p else 0.
have alA p k : alpha p (ca dx k) = al k p by rewrite /alpha enum_rankK.
(* the partial derivatives at a perturbed point *)
have dphi p c i k : Derive (fun t => phi x i (fun j => z j + eps * S p j + (if j == c then t else 0)) k) 0 =
    (if ca dx k == c then 1 else 0) * exp (dot (W k) (x i) + b k) * node i ^ p.
  rewrite (is_derive_unique _ _ _ (phi_derive x _ c i k)) Sa Rmult_0_l Rplus_0_r Rmult_assoc; congr (_ * _).
  rewrite /node -exp_INR -exp_plus; congr exp; rewrite /ex /S /row !point_b.
  have -> : dot (fun j => z (cW k j) + eps * (INR p * s * point (fun=> 0) (fun=> 0) (fun=> w) (cW k j))) (x i) =
    dot (W k) (x i) + INR p * (eps * s * dot w (x i)).
    rewrite /dot -!rsum_scal_l -rsum_plus; apply: eq_bigr => j _.
    by rewrite /z !point_W; ring.
  by rewrite /z point_b; ring.
have drho p c k1 : Derive (fun t => rho (dx := dx) (dy := dy) (fun j => z j + eps * S p j + (if j == c then t else 0)) k1) 0 = 0.
  by rewrite (is_derive_unique _ _ _ (rho_derive _ c k1)) rsum_0 // => k _; rewrite Sa; ring.
have := low m S alpha VS; rewrite value_Lt => bound.
have zE : Lt x net loss lambda th (fun k => z (ca dx k)) (fun k => z (cb dx k)) (fun k j => z (cW k j)) = L x net loss th.
  exact: Lt_a0.
rewrite zE in bound; apply: Rle_trans bound _; apply: Req_le; rewrite /risk; congr (_ * _); apply: eq_bigr => i _.
rewrite /Qpgb rho0 // Rmult_0_r Rplus_0_l [X in lambda * X]rsum_0 => [|p _]; last first.
  by apply: rsum_0 => c _; rewrite drho; ring.
rewrite Rmult_0_r Rplus_0_r; congr (loss i _); apply: functional_extensionality => k.
have -> : \rsum_(p < m) (\rsum_(c < n) (alpha p c *
   Derive (fun t => phi x i (fun j => z j + eps * S p j + (if j == c then t else 0)) k) 0)) =
   exp (dot (W k) (x i) + b k) * (\rsum_(p < m) (al k p * node i ^ p)).
  rewrite -rsum_scal_l; apply: eq_bigr => p _.
  rewrite (@rsum_single _ _ (ca dx k)) => [|c nc]; first by rewrite dphi eqxx alA; ring.
  by rewrite dphi eq_sym (negbTE nc); ring.
rewrite hal /target.
have ee : exp (dot (W k) (x i) + b k) * exp (- (dot (W k) (x i) + b k)) = 1 by rewrite -exp_plus Rplus_opp_r exp_0.
have -> : exp (dot (W k) (x i) + b k) * ((q (x i) k - net th (x i) k) * exp (- (dot (W k) (x i) + b k))) =
  (q (x i) k - net th (x i) k) * (exp (dot (W k) (x i) + b k) * exp (- (dot (W k) (x i) + b k))) by ring.
by rewrite ee; ring.
Qed.
End EliminationByPGB.
