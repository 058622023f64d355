(** failure_mode: what happens in (a, b, W) when L(theta) is NOT optimal among all functions of x.
    (a) failure_mode_a: no (a, b, W) makes (theta, a, b, W) a local minimum of Lt.
    (b) failure_mode_b: the infimum V(theta) over (a, b, W) is below L(theta) and is not attained.
    (c) failure_mode_c: every minimising sequence has a bounded and |(b, W)| -> infinity; boundedness of a is the only
        use of loss_nonnegative.  minimising_escapes: without it, every box has values bounded away from V(theta).
        minimising_a_vanishes: within eps of any lower bound lambda |a|^2 <= eps, so a -> 0 where the infimum is finite.
    (d) failure_mode_d: the escape ray a = c e^{-s}, b = b0 + s leaves the network unchanged; Lt decreases strictly.
    (e) failure_mode_e: V(theta) is the infimum of the data term over c, W alone: the penalty is lost in the limit.
    (d) and (e) need neither convexity nor differentiability. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Boxes Objective Vanishing Elimination Characterisation.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section Defs.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).

(** V(theta) *)
Definition inf_aug (th : Theta) : Rbar := Glb_Rbar (fun v => exists a b W, v = Lt x net loss lambda th a b W).

(** the data term with one free exponential per output *)
Definition exp_risk (th : Theta) (c : vec dy) (W : 'I_dy -> vec dx) : R :=
  risk x loss (fun z k => net th z k + c k * exp (dot (W k) z)).

Definition inf_exp (th : Theta) : Rbar := Glb_Rbar (fun v => exists c W, v = exp_risk th c W).
End Defs.

Lemma continuous_rsum (U : UniformSpace) n (F : 'I_n -> U -> R) (u : U) :
  (forall i, continuous (F i) u) -> continuous (fun v => \rsum_(i < n) F i v) u.
Proof.
move=> h; elim: (index_enum _) => [|j s IH].
  apply: (continuous_ext (fun=> 0)) => [v|]; first by rewrite big_nil.
  exact: continuous_const.
apply: (continuous_ext (fun v => F j v + \big[Rplus/0]_(i <- s) F i v)) => [v|].
  by rewrite big_cons.
exact: continuous_plus (h j) IH.
Qed.

(** ** (d) the escape ray *)
Section Ray.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Local Notation Lt := (Lt x net loss lambda).
Local Notation aug := (aug net).

Lemma ray_aug th (c b : vec dy) W s :
  aug th (fun k => c k * exp (- s)) (fun k => b k + s) W = aug th c b W.
Proof.
apply: functional_extensionality => z; apply: functional_extensionality => k; rewrite /Objective.aug.
have -> : dot (W k) z + (b k + s) = (dot (W k) z + b k) + s by ring.
have ee : exp (- s) * exp s = 1 by rewrite -exp_plus Rplus_opp_l exp_0.
rewrite exp_plus -[X in _ = _ + X]Rmult_1_r -ee; ring.
Qed.

(** the value along the ray, exactly *)
Lemma ray_value th (c b : vec dy) W s :
  Lt th (fun k => c k * exp (- s)) (fun k => b k + s) W =
  risk x loss (aug th c b W) + lambda * (\rsum_(k < dy) (c k * c k)) * exp (- 2 * s).
Proof.
rewrite /Objective.Lt ray_aug Rmult_assoc -rsum_scal_r; congr (_ + lambda * _); apply: eq_bigr => k _.
have -> : - 2 * s = - s + - s by ring.
by rewrite exp_plus; ring.
Qed.

Theorem failure_mode_d th (c b : vec dy) W : 0 < lambda -> (exists k, c k <> 0) ->
  forall s t, s < t ->
  Lt th (fun k => c k * exp (- t)) (fun k => b k + t) W < Lt th (fun k => c k * exp (- s)) (fun k => b k + s) W.
Proof.
move=> l0 [k ck] s t st; rewrite !ray_value; apply: Rplus_lt_compat_l.
apply: Rmult_lt_compat_l; last by apply: exp_increasing; lra.
apply: Rmult_lt_0_compat => //; rewrite (rsum_D1 _ k).
have p : 0 < c k * c k by exact: Rsqr_pos_lt.
have : 0 <= \rsum_(i < dy | i != k) (c i * c i) by apply: rsum_ge0 => i _; exact: Rle_0_sqr.
by lra.
Qed.

(** for lambda < 0 the same ray, followed backwards, shows that Lt is unbounded below at every theta;
    nothing is assumed of the losses or the network *)
Theorem lambda_negative_unbounded th (W : 'I_dy -> vec dx) : lambda < 0 -> (0 < dy)%N ->
  forall M, exists a b, Lt th a b W < M.
Proof.
move=> l0 d0 M.
pose S := \rsum_(k < dy) ((fun=> 1) k * (fun=> 1 : R) k : R).
have S1 : 1 <= S.
  rewrite /S (rsum_D1 _ (Ordinal d0)).
  have : 0 <= \rsum_(i < dy | i != Ordinal d0) (1 * 1) by apply: rsum_ge0 => i _; lra.
  by lra.
pose D := risk x loss (aug th (fun=> 1) (fun=> 0) W).
pose s := Rabs (D - M) / - lambda.
have s0 : 0 <= s by apply: Rdiv_le_0_compat; [exact: Rabs_pos|lra].
exists (fun k => 1 * exp (- - s)), (fun k => 0 + - s).
rewrite (ray_value th (fun=> 1) (fun=> 0) W (- s)) -/D -/S.
have -> : - 2 * - s = 2 * s by ring.
have e1 : 1 + 2 * s <= exp (2 * s).
  case: (Req_dec s 0) => [->|n]; first by rewrite Rmult_0_r exp_0; lra.
  by have := exp_ineq1 (2 * s); lra.
have S2 : - lambda * 1 <= - lambda * S by apply: Rmult_le_compat_l; lra.
have p : - lambda * (1 + 2 * s) <= - lambda * S * exp (2 * s).
  have -> : - lambda * (1 + 2 * s) = - lambda * 1 * (1 + 2 * s) by ring.
  by apply: Rmult_le_compat; lra.
have ls : - lambda * s = Rabs (D - M) by rewrite /s; field; lra.
by have := Rle_abs (D - M); have := Rabs_pos (D - M); lra.
Qed.
End Ray.

(** ** (e) the infimum *)
Section Infimum.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Local Notation Lt := (Lt x net loss lambda).
Local Notation inf_aug := (inf_aug x net loss lambda).
Local Notation inf_exp := (inf_exp x net loss).
Local Notation exp_risk := (exp_risk x net loss).

Lemma exp_risk_aug th c W : exp_risk th c W = risk x loss (aug net th c (fun=> 0) W).
Proof.
congr (Objective.risk _ _ _); apply: functional_extensionality => z; apply: functional_extensionality => k.
by rewrite /aug Rplus_0_r.
Qed.

Theorem failure_mode_e th : 0 <= lambda -> inf_aug th = inf_exp th.
Proof.
move=> l0.
have [lb1 gl1] := Glb_Rbar_correct (fun v => exists a b W, v = Lt th a b W).
have [lb2 gl2] := Glb_Rbar_correct (fun v => exists c W, v = exp_risk th c W).
apply: Rbar_le_antisym.
  apply: gl2 => v [c [W ->]].
  set v0 := exp_risk th c W; pose S := \rsum_(k < dy) (c k * c k).
  have S0 : 0 <= S by apply: rsum_ge0 => k _; exact: Rle_0_sqr.
  have lS : 0 <= lambda * S by exact: Rmult_le_pos.
  have close eps : 0 < eps -> Rbar_le (inf_aug th) (v0 + eps).
    move=> e0; pose B := lambda * S / eps.
    have B0 : 0 <= B by apply: Rdiv_le_0_compat.
    apply: (Rbar_le_trans _ (v0 + lambda * S * exp (- 2 * B))).
      have -> : v0 + lambda * S * exp (- 2 * B) = Lt th (fun k => c k * exp (- B)) (fun=> 0 + B) W.
        by rewrite (ray_value x net loss lambda th c (fun=> 0) W B) /v0 exp_risk_aug.
      by apply: lb1; exists (fun k => c k * exp (- B)), (fun=> 0 + B), W.
    rewrite /=; apply: Rplus_le_compat_l.
    have E2 : 1 + 2 * B <= exp (2 * B).
      case: (Req_dec B 0) => [->|Bn]; first by rewrite Rmult_0_r exp_0; lra.
      by have := exp_ineq1 (2 * B); lra.
    have ee : exp (- 2 * B) * exp (2 * B) = 1.
      by rewrite -exp_plus -[RHS]exp_0; congr exp; ring.
    apply: (Rmult_le_reg_r (exp (2 * B))); first exact: exp_pos.
    rewrite Rmult_assoc ee Rmult_1_r.
    have : eps * (1 + 2 * B) <= eps * exp (2 * B) by apply: Rmult_le_compat_l; lra.
    have -> : eps * (1 + 2 * B) = eps + 2 * (lambda * S) by rewrite /B; field; lra.
    by lra.
  move: close; rewrite /FailureMode.inf_aug; case: (Glb_Rbar _) => [u| |] close //=.
    apply: le_epsilon => eps e0; exact: (close eps e0).
  exact: (close 1 Rlt_0_1).
apply: gl1 => v [a [b [W ->]]].
apply: (Rbar_le_trans _ (exp_risk th (fun k => a k * exp (b k)) W)).
  by apply: lb2; exists (fun k => a k * exp (b k)), W.
rewrite /= /Objective.Lt.
have -> : exp_risk th (fun k => a k * exp (b k)) W = risk x loss (aug net th a b W).
  congr (Objective.risk _ _ _); apply: functional_extensionality => z; apply: functional_extensionality => k.
  by rewrite /aug exp_plus; ring.
have : 0 <= lambda * (\rsum_(k < dy) (a k * a k)).
  by apply: Rmult_le_pos => //; apply: rsum_ge0 => k _; exact: Rle_0_sqr.
by lra.
Qed.

(** within eps of a lower bound of Lt(theta, .) the penalty is at most eps: a -> 0 along every minimising sequence *)
Theorem minimising_a_vanishes th (V : R) : 0 <= lambda -> (forall a b W, V <= Lt th a b W) ->
  forall a b W eps, Lt th a b W <= V + eps -> lambda * (\rsum_(k < dy) (a k * a k)) <= eps.
Proof.
move=> l0 low a b W eps.
have hV : Rbar_le V (inf_exp th).
  rewrite -failure_mode_e //; have [_ gl] := Glb_Rbar_correct (fun v => exists a b W, v = Lt th a b W).
  by apply: gl => v [a' [b' [W' ->]]]; exact: low.
have [lb _] := Glb_Rbar_correct (fun v => exists c W, v = exp_risk th c W).
have hD : Rbar_le V (exp_risk th (fun k => a k * exp (b k)) W).
  by apply: Rbar_le_trans hV _; apply: lb; exists (fun k => a k * exp (b k)), W.
rewrite /Objective.Lt.
have -> : risk x loss (aug net th a b W) = exp_risk th (fun k => a k * exp (b k)) W.
  congr (Objective.risk _ _ _); apply: functional_extensionality => z; apply: functional_extensionality => k.
  by rewrite /aug exp_plus; ring.
by move: hD => /=; lra.
Qed.
End Infimum.

(** ** (a), (b), (c) *)
Section Failure.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Hypothesis m_pos : (0 < m)%N.
Hypothesis lambda_pos : 0 < lambda.
Hypothesis loss_convex : forall i, convex (loss i).
Hypothesis loss_diff : forall i, gdifferentiable (loss i).
Local Notation risk := (risk x loss).
Local Notation L := (L x net loss).
Local Notation Lt := (Lt x net loss lambda).
Local Notation inf_aug := (inf_aug x net loss lambda).

Theorem failure_mode_a th q : risk q < L th -> forall a b W, ~ local_min_aux x net loss lambda th a b W.
Proof.
move=> hq a b W hm; have [_ [_ [h _]]] := elimination m_pos lambda_pos loss_convex loss_diff hm.
by have := h q; lra.
Qed.

(** every point can be improved by moving (a, b, W) alone *)
Lemma improvable th q : risk q < L th -> forall a b W, exists a' b' W', Lt th a' b' W' < Lt th a b W.
Proof.
move=> hq a b W; apply: Classical_Prop.NNPP => none; apply: (failure_mode_a hq (a := a) (b := b) (W := W)).
exists 1; split => [|a' b' W' _ _ _]; first by lra.
case: (Rle_or_lt (Lt th a b W) (Lt th a' b' W')) => // lt.
by case: none; exists a', b', W'.
Qed.

Theorem failure_mode_b th q : risk q < L th ->
  Rbar_lt (inf_aug th) (L th) /\ forall a b W, Rbar_lt (inf_aug th) (Lt th a b W).
Proof.
move=> hq; have na : forall a b W, Rbar_lt (inf_aug th) (Lt th a b W).
  move=> a b W; have [a' [b' [W' h]]] := improvable hq a b W.
  have [lb _] := Glb_Rbar_correct (fun v => exists a b W, v = Lt th a b W).
  apply: (Rbar_le_lt_trans _ (Lt th a' b' W')); last exact: h.
  by apply: lb; exists a', b', W'.
by split => //; rewrite -(@Lt_a0 m dx dy x Theta net loss lambda th (fun=> 0) (fun=> 0) (fun _ _ => 0)).
Qed.

(** the added variables as one vector *)
Definition ix : finType := [finType of ('I_dy + ('I_dy + 'I_dy * 'I_dx))%type].
Definition pa (v : ix -> R) : vec dy := fun k => v (inl k).
Definition pb (v : ix -> R) : vec dy := fun k => v (inr (inl k)).
Definition pW (v : ix -> R) : 'I_dy -> vec dx := fun k j => v (inr (inr (k, j))).
Definition pack (a b : vec dy) (W : 'I_dy -> vec dx) : ix -> R := fun i =>
  match i with inl k => a k | inr (inl k) => b k | inr (inr (k, j)) => W k j end.

Let U := fct_UniformSpace ix R_UniformSpace.

Lemma proj_continuous (u : U) (i : ix) : continuous (fun v : U => v i : R) u.
Proof. by apply/filterlim_locally => eps; exists eps => v hv; exact: hv. Qed.

Lemma aug_continuous th z k (u : U) :
  continuous (fun v : U => aug net th (pa v) (pb v) (pW v) z k) u.
Proof.
rewrite /aug; apply: (continuous_plus (V := R_NormedModule)); first exact: continuous_const.
apply: (continuous_mult (K := R_AbsRing)); first exact: proj_continuous.
apply: (continuous_comp _ exp); last by apply: continuous_exp.
apply: (continuous_plus (V := R_NormedModule)); last exact: proj_continuous.
apply: continuous_rsum => j; apply: (continuous_mult (K := R_AbsRing)); first exact: proj_continuous.
exact: continuous_const.
Qed.

(** lower semicontinuity, from convexity *)
Lemma Lt_lsc th (u : U) c : c < Lt th (pa u) (pb u) (pW u) ->
  exists d, 0 < d /\ forall v : ix -> R, (forall i, Rabs (v i - u i) < d) ->
    c <= Lt th (pa v) (pb v) (pW v).
Proof.
move=> hc.
pose p i := aug net th (pa u) (pb u) (pW u) (x i).
have [g hg] : exists g, forall i, is_dgrad (loss i) (p i) (g i).
  by apply: (fin_all_exists (fun i => loss_diff i (p i))).
pose A (v : U) := / INR m * (\rsum_(i < m) (loss i (p i) + \rsum_(k < dy)
   (g i k * (aug net th (pa v) (pb v) (pW v) (x i) k - p i k)))) +
   lambda * (\rsum_(k < dy) (pa v k * pa v k)).
have Au : A u = Lt th (pa u) (pb u) (pW u).
  rewrite /A /Objective.Lt /Objective.risk; congr (_ * _ + _); apply: eq_bigr => i _.
  by rewrite rsum_0 ?Rplus_0_r // => k _; rewrite -/(p i); ring.
have Ale v : A v <= Lt th (pa v) (pb v) (pW v).
  rewrite /A /Objective.Lt /Objective.risk; apply: Rplus_le_compat_r; apply: Rmult_le_compat_l.
    by have := invm_pos m_pos; lra.
  by apply: rsum_le => i _; exact: convex_first_order.
have Ac : continuous A u.
  apply: (continuous_plus (V := R_NormedModule)).
    apply: (continuous_mult (K := R_AbsRing)); first exact: continuous_const.
    apply: continuous_rsum => i; apply: (continuous_plus (V := R_NormedModule)); first exact: continuous_const.
    apply: continuous_rsum => k; apply: (continuous_mult (K := R_AbsRing)); first exact: continuous_const.
    apply: (continuous_minus (V := R_NormedModule)); last exact: continuous_const.
    exact: aug_continuous.
  apply: (continuous_mult (K := R_AbsRing)); first exact: continuous_const.
  by apply: continuous_rsum => k; apply: (continuous_mult (K := R_AbsRing)); exact: proj_continuous.
have e0 : 0 < A u - c by lra.
have /filterlim_locally /(_ (mkposreal _ e0)) [d hd] := Ac.
exists d; split; first exact: cond_pos.
move=> v hv; apply: Rle_trans (Ale v).
have {}hv : ball (u : U) d v by move=> i; exact: hv.
have := hd v hv; rewrite /ball /= /AbsRing_ball /abs /minus /plus /opp /= => /Rabs_def2.
by lra.
Qed.

(** on every box the values stay away from the infimum *)
Theorem minimising_escapes th q M : 0 <= M -> risk q < L th ->
  exists c : R, Rbar_lt (inf_aug th) c /\
    forall (a b : vec dy) (W : 'I_dy -> vec dx),
      (forall k, Rabs (a k) <= M) -> (forall k, Rabs (b k) <= M) ->
      (forall k j, Rabs (W k j) <= M) -> c <= Lt th a b W.
Proof.
move=> M0 hq.
have [inf0 infna] := failure_mode_b hq.
pose good (S : (ix -> R) -> Prop) := exists c : R, Rbar_lt (inf_aug th) c /\
  forall v, S v -> c <= Lt th (pa v) (pb v) (pW v).
have gb : good (box M).
  apply: (good_box M0).
  - by exists (L th); split.
  - by move=> A B sub [c [hc h]]; exists c; split => // v /sub; exact: h.
  - move=> A B [c [hc h]] [c' [hc' h']]; exists (Rmin c c'); split.
      by rewrite /Rmin; case: Rle_dec.
    move=> v [/h|/h'] H; first by have := Rmin_l c c'; lra.
    by have := Rmin_r c c'; lra.
  move=> u _.
  have [c [hc lt]] : exists c : R, Rbar_lt (inf_aug th) c /\ c < Lt th (pa u) (pb u) (pW u).
    have := infna (pa u) (pb u) (pW u); set w := Lt _ _ _ _.
    case: (inf_aug th) => [r| |] //= h.
      by exists ((r + w) / 2); split; lra.
    by exists (w - 1); split => //; lra.
  have [d [d0 hd]] := Lt_lsc lt.
  by exists d; split => //; exists c; split => // v [_ hv]; exact: hd.
have [c [hc h]] := gb; exists c; split => // a b W ha hb hW.
have := h (pack a b W); apply.
by move=> [k|[k|[k j]]] /=.
Qed.

(** (c) *)
Theorem failure_mode_c th q : risk q < L th -> (forall i p, 0 <= loss i p) ->
  forall (a b : nat -> vec dy) (W : nat -> 'I_dy -> vec dx),
  is_lim_seq (fun n => Lt th (a n) (b n) (W n)) (inf_aug th) ->
  (exists A, forall n k, Rabs (a n k) <= A) /\
  (forall M, exists N, forall n, (N <= n)%coq_nat ->
     (exists k, M < Rabs (b n k)) \/ (exists k j, M < Rabs (W n k j))).
Proof.
move=> hq l0 a b W lim.
have im := invm_pos m_pos.
have R0 p : 0 <= risk p by apply: Rmult_le_pos; [lra|apply: rsum_ge0 => i _; exact: l0].
have [v hv] : exists v : R, inf_aug th = v.
  have [inf0 _] := failure_mode_b hq.
  have : Rbar_le 0 (inf_aug th).
    have [_ gl] := Glb_Rbar_correct (fun v => exists a b W, v = Lt th a b W).
    apply: gl => v [a' [b' [W' ->]]] /=; apply: Rplus_le_le_0_compat; first exact: R0.
    by apply: Rmult_le_pos; [lra|apply: rsum_ge0 => k _; exact: Rle_0_sqr].
  by move: inf0; case: (inf_aug th) => [r| |] //= _ _; exists r.
rewrite hv in lim.
have [A hA] : exists A, forall n k, Rabs (a n k) <= A.
  have [B hB] : exists B, forall n, Lt th (a n) (b n) (W n) <= B.
    have /is_lim_seq_Reals cv := lim; have [B [B0 hB]] := maj_by_pos _ (exist _ v cv).
    exists B => n; have := hB n; have := Rle_abs (Lt th (a n) (b n) (W n)); lra.
  exists (1 + B / lambda) => n k.
  have hn := hB n; have r0 := R0 (aug net th (a n) (b n) (W n)).
  have pen : lambda * (\rsum_(i < dy) (a n i * a n i)) <= B by move: hn; rewrite /Objective.Lt; lra.
  have ak : a n k * a n k <= \rsum_(i < dy) (a n i * a n i).
    rewrite (rsum_D1 _ k).
    have : 0 <= \rsum_(i < dy | i != k) (a n i * a n i) by apply: rsum_ge0 => i _; exact: Rle_0_sqr.
    by lra.
  have lk : lambda * (a n k * a n k) <= lambda * (\rsum_(i < dy) (a n i * a n i)).
    by apply: Rmult_le_compat_l; lra.
  have sq : a n k * a n k <= B / lambda.
    apply: (Rmult_le_reg_l lambda) => //.
    by have -> : lambda * (B / lambda) = B by [field; lra]; lra.
  have e : a n k * a n k = Rabs (a n k) * Rabs (a n k).
    by rewrite -Rabs_mult Rabs_right //; apply: Rle_ge; exact: Rle_0_sqr.
  by have := Rabs_pos (a n k); rewrite e in sq; nra.
split; first by exists A.
move=> M; pose M' := Rmax (Rabs M) (Rabs A).
have M'0 : 0 <= M' by apply: Rle_trans (Rmax_l _ _); exact: Rabs_pos.
have [c [hc hbox]] := minimising_escapes M'0 hq; rewrite hv /= in hc.
have cv0 : 0 < c - v by lra.
have /is_lim_seq_Reals /(_ _ cv0) [N hN] := lim.
exists N => n Nn; apply: Classical_Prop.NNPP => none.
have mM : Rabs M <= M' by exact: Rmax_l.
have mA : Rabs A <= M' by exact: Rmax_r.
have leM := Rle_abs M; have leA := Rle_abs A.
have big : c <= Lt th (a n) (b n) (W n).
  apply: hbox => [k|k|k j]; first by have := hA n k; lra.
    by apply: Rnot_lt_le => lt; apply: none; left; exists k; lra.
  by apply: Rnot_lt_le => lt; apply: none; right; exists k, j; lra.
have := hN n Nn; rewrite /R_dist => /Rabs_def2 [h1 h2].
by lra.
Qed.
End Failure.
