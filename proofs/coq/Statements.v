(** The final statements, each on one screen.  This file imports NOTHING of this development: only Coq's real
    numbers, mathcomp's ordinals and big sums, and Coquelicot's derivatives, limits, infima and uniform spaces.
    Whoever has read it knows what Final.v proves.

    Reading aid.  'I_n is {0, .., n - 1}, so 'I_n -> R is R^n.  SUM (i < n) F is the finite sum.  Glb_Rbar is the
    infimum of a set of reals, possibly infinite.  Theta is the parameter space of the network f, x_i are the
    inputs, l i is the loss of sample i (its label included). *)
From Coq Require Import Reals.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
Local Open Scope R_scope.
Local Notation "'SUM' ( i < n ) F" := (\big[Rplus/0]_(i < n) F) (at level 35, i, n at level 50, F at level 35).

(** Every local minimum of the augmented loss Lt is a global minimum of it; theta is then optimal among ALL
    functions of x, the added units are off, and both losses agree.  Conversely every such point is a local minimum. *)
Definition elimination_statement : Prop :=
  forall (m dx dy : nat) (x : 'I_m -> 'I_dx -> R) (Theta : UniformSpace)
    (f : Theta -> ('I_dx -> R) -> 'I_dy -> R) (l : 'I_m -> ('I_dy -> R) -> R) (lambda : R),
  (0 < m)%N -> 0 < lambda ->
  (* loss_convex *)
  (forall i (p q : 'I_dy -> R) (t : R), 0 <= t <= 1 ->
     l i (fun k => (1 - t) * p k + t * q k) <= (1 - t) * l i p + t * l i q) ->
  (* loss_differentiable, in the sense of Frechet *)
  (forall i (p : 'I_dy -> R), exists g : 'I_dy -> R, forall eps : R, 0 < eps ->
     exists delta : R, 0 < delta /\ forall h : 'I_dy -> R, SUM (k < dy) Rabs (h k) < delta ->
       Rabs (l i (fun k => p k + h k) - l i p - SUM (k < dy) (g k * h k)) <= eps * SUM (k < dy) Rabs (h k)) ->
  let L (q : ('I_dx -> R) -> 'I_dy -> R) := / INR m * SUM (i < m) l i (q (x i)) in
  let Lt (th : Theta) (a b : 'I_dy -> R) (W : 'I_dy -> 'I_dx -> R) :=
    L (fun z k => f th z k + a k * exp (SUM (j < dx) (W k j * z j) + b k)) + lambda * SUM (k < dy) (a k * a k) in
  let local_minimum th a b W := exists r : R, 0 < r /\ forall th' a' b' W', ball th r th' ->
     (forall k, Rabs (a' k - a k) < r) -> (forall k, Rabs (b' k - b k) < r) ->
     (forall k j, Rabs (W' k j - W k j) < r) -> Lt th a b W <= Lt th' a' b' W' in
  forall (th : Theta) (a b : 'I_dy -> R) (W : 'I_dy -> 'I_dx -> R),
  (local_minimum th a b W ->
     (forall th' a' b' W', Lt th a b W <= Lt th' a' b' W') /\
     (forall th', L (f th) <= L (f th')) /\
     (forall q : ('I_dx -> R) -> 'I_dy -> R, L (f th) <= L q) /\
     (forall k, a k = 0) /\ Lt th a b W = L (f th)) /\
  ((forall k, a k = 0) -> (forall q : ('I_dx -> R) -> 'I_dy -> R, L (f th) <= L q) -> local_minimum th a b W).

(** The same for local minima in (a, b, W) alone, theta held fixed: then Theta is any type at all. *)
Definition elimination_fixed_theta_statement : Prop :=
  forall (m dx dy : nat) (x : 'I_m -> 'I_dx -> R) (Theta : Type)
    (f : Theta -> ('I_dx -> R) -> 'I_dy -> R) (l : 'I_m -> ('I_dy -> R) -> R) (lambda : R),
  (0 < m)%N -> 0 < lambda ->
  (forall i (p q : 'I_dy -> R) (t : R), 0 <= t <= 1 ->
     l i (fun k => (1 - t) * p k + t * q k) <= (1 - t) * l i p + t * l i q) ->
  (forall i (p : 'I_dy -> R), exists g : 'I_dy -> R, forall eps : R, 0 < eps ->
     exists delta : R, 0 < delta /\ forall h : 'I_dy -> R, SUM (k < dy) Rabs (h k) < delta ->
       Rabs (l i (fun k => p k + h k) - l i p - SUM (k < dy) (g k * h k)) <= eps * SUM (k < dy) Rabs (h k)) ->
  let L (q : ('I_dx -> R) -> 'I_dy -> R) := / INR m * SUM (i < m) l i (q (x i)) in
  let Lt (th : Theta) (a b : 'I_dy -> R) (W : 'I_dy -> 'I_dx -> R) :=
    L (fun z k => f th z k + a k * exp (SUM (j < dx) (W k j * z j) + b k)) + lambda * SUM (k < dy) (a k * a k) in
  forall (th : Theta) (a b : 'I_dy -> R) (W : 'I_dy -> 'I_dx -> R),
  (exists r : R, 0 < r /\ forall a' b' W',
     (forall k, Rabs (a' k - a k) < r) -> (forall k, Rabs (b' k - b k) < r) ->
     (forall k j, Rabs (W' k j - W k j) < r) -> Lt th a b W <= Lt th a' b' W') ->
  (forall q : ('I_dx -> R) -> 'I_dy -> R, L (f th) <= L q) /\ (forall k, a k = 0) /\
  (forall th' a' b' W', Lt th a b W <= Lt th' a' b' W') /\ Lt th a b W = L (f th).

(** What happens when theta is NOT optimal among all functions: (a) to (e) of the failure mode. *)
Definition failure_mode_statement : Prop :=
  forall (m dx dy : nat) (x : 'I_m -> 'I_dx -> R) (Theta : Type)
    (f : Theta -> ('I_dx -> R) -> 'I_dy -> R) (l : 'I_m -> ('I_dy -> R) -> R) (lambda : R),
  (0 < m)%N -> 0 < lambda ->
  (forall i (p q : 'I_dy -> R) (t : R), 0 <= t <= 1 ->
     l i (fun k => (1 - t) * p k + t * q k) <= (1 - t) * l i p + t * l i q) ->
  (forall i (p : 'I_dy -> R), exists g : 'I_dy -> R, forall eps : R, 0 < eps ->
     exists delta : R, 0 < delta /\ forall h : 'I_dy -> R, SUM (k < dy) Rabs (h k) < delta ->
       Rabs (l i (fun k => p k + h k) - l i p - SUM (k < dy) (g k * h k)) <= eps * SUM (k < dy) Rabs (h k)) ->
  let L (q : ('I_dx -> R) -> 'I_dy -> R) := / INR m * SUM (i < m) l i (q (x i)) in
  let Lt (th : Theta) (a b : 'I_dy -> R) (W : 'I_dy -> 'I_dx -> R) :=
    L (fun z k => f th z k + a k * exp (SUM (j < dx) (W k j * z j) + b k)) + lambda * SUM (k < dy) (a k * a k) in
  forall th : Theta, (exists q : ('I_dx -> R) -> 'I_dy -> R, L q < L (f th)) ->
  let V := Glb_Rbar (fun v => exists a b W, v = Lt th a b W) in
  (* (a) no local minimum over this theta *)
  (forall a b W, ~ exists r : R, 0 < r /\ forall a' b' W',
     (forall k, Rabs (a' k - a k) < r) -> (forall k, Rabs (b' k - b k) < r) ->
     (forall k j, Rabs (W' k j - W k j) < r) -> Lt th a b W <= Lt th a' b' W') /\
  (* (b) the infimum is below L(theta) and not attained *)
  Rbar_lt V (L (f th)) /\ (forall a b W, Rbar_lt V (Lt th a b W)) /\
  (* (c) along minimising sequences a is bounded, (b, W) is not *)
  ((forall i p, 0 <= l i p) -> forall a b W, is_lim_seq (fun n => Lt th (a n) (b n) (W n)) V ->
     (exists A, forall n k, Rabs (a n k) <= A) /\
     (forall M, exists N, forall n, (N <= n)%N ->
        (exists k, M < Rabs (b n k)) \/ (exists k j, M < Rabs (W n k j)))) /\
  (* (d) the escape ray, exactly; it goes down strictly unless c = 0 *)
  (forall c b W s, Lt th (fun k => c k * exp (- s)) (fun k => b k + s) W =
     L (fun z k => f th z k + c k * exp (SUM (j < dx) (W k j * z j) + b k))
     + lambda * SUM (k < dy) (c k * c k) * exp (- 2 * s)) /\
  (forall c b W, (exists k, c k <> 0) -> forall s t, s < t ->
     Lt th (fun k => c k * exp (- t)) (fun k => b k + t) W < Lt th (fun k => c k * exp (- s)) (fun k => b k + s) W) /\
  (* (e) the infimum: the penalty is lost in the limit *)
  V = Glb_Rbar (fun v => exists c W, v = L (fun z k => f th z k + c k * exp (SUM (j < dx) (W k j * z j)))).

(** The perturbable gradient basis condition.  d F u k is the partial derivative of F at u along coordinate k. *)
Definition pgb_condition_statement : Prop :=
  forall (m n dp dr : nat) (phi : 'I_m -> ('I_n -> R) -> 'I_dp -> R) (rho : ('I_n -> R) -> 'I_dr -> R) (r : R)
    (Q : 'I_m -> ('I_dp -> R) -> ('I_dr -> R) -> R) (z h : 'I_n -> R),
  let line (u : 'I_n -> R) (k : 'I_n) (t : R) (j : 'I_n) := u j + (if j == k then t else 0) in
  let d (F : ('I_n -> R) -> R) (u : 'I_n -> R) (k : 'I_n) := Derive (fun t => F (line u k t)) 0 in
  let value (u : 'I_n -> R) := / INR m * SUM (i < m) Q i (phi i u) (rho u) in
  (0 < m)%N ->
  (* every Q_i is convex in both arguments together, and differentiable (Frechet) at (phi_i(z), rho(z)) *)
  (forall i p p' s s' t, 0 <= t <= 1 ->
     Q i (fun c => (1 - t) * p c + t * p' c) (fun c => (1 - t) * s c + t * s' c)
       <= (1 - t) * Q i p s + t * Q i p' s') ->
  (forall i, exists (g : 'I_dp -> R) (g' : 'I_dr -> R), forall eps : R, 0 < eps -> exists delta : R, 0 < delta /\
     forall (e : 'I_dp -> R) (e' : 'I_dr -> R), SUM (c < dp) Rabs (e c) + SUM (c < dr) Rabs (e' c) < delta ->
     Rabs (Q i (fun c => phi i z c + e c) (fun c => rho z c + e' c) - Q i (phi i z) (rho z)
           - (SUM (c < dp) (g c * e c) + SUM (c < dr) (g' c * e' c)))
       <= eps * (SUM (c < dp) Rabs (e c) + SUM (c < dr) Rabs (e' c))) ->
  (* near z the partial derivatives of phi and rho exist *)
  (exists r0 : R, 0 < r0 /\ forall u, (forall j, Rabs (u j - z j) < r0) -> forall k,
     (forall i c, ex_derive (fun t => phi i (line u k t) c) 0) /\ (forall c, ex_derive (fun t => rho (line u k t) c) 0)) ->
  (* gradient basis h, r *)
  (forall i c, phi i z c = SUM (k < n) (h k * d (fun u => phi i u c) z k)) ->
  (forall c, r * rho z c = SUM (k < n) (h k * d (fun u => rho u c) z k)) ->
  (* z is a local minimum *)
  (exists r1 : R, 0 < r1 /\ forall u, (forall j, Rabs (u j - z j) < r1) -> value z <= value u) ->
  (* then value z is the minimum over all models induced by finitely many perturbations S_j in V[z, eps] *)
  exists eps0 : R, 0 < eps0 /\ forall eps : R, 0 <= eps < eps0 ->
    let at_ (v : 'I_n -> R) (j : 'I_n) := z j + eps * v j in
    let V v := SUM (j < n) (v j * v j) <= 1 /\ (forall i c, phi i (at_ v) c = phi i z c) /\
               (forall c, rho (at_ v) c = rho z c) in
    let induced (s : nat) (S alpha : 'I_s -> 'I_n -> R) := / INR m * SUM (i < m) Q i
        (fun c => SUM (j < s) SUM (k < n) (alpha j k * d (fun u => phi i u c) (at_ (S j)) k))
        (fun c => (1 - r) * rho z c + SUM (j < s) SUM (k < n) (alpha j k * d (fun u => rho u c) (at_ (S j)) k)) in
    (forall s S alpha, (forall j, V (S j)) -> value z <= induced s S alpha) /\
    (V (fun _ => 0) /\ induced 1%N (fun _ _ => 0) (fun _ => h) = value z).

(** Residual networks f(x; W, V, u) = W (x + V z(x, u)): a local minimum in (W, V), u held fixed, is not worse than
    any predictor A x + B z(x, u). *)
Definition residual_statement : Prop :=
  forall (m dx dy dz : nat) (U : Type) (x : 'I_m -> 'I_dx -> R) (z : ('I_dx -> R) -> U -> 'I_dz -> R)
    (l : 'I_m -> ('I_dy -> R) -> R),
  (0 < m)%N -> (dy <= dx)%N ->
  (forall i (p q : 'I_dy -> R) (t : R), 0 <= t <= 1 ->
     l i (fun k => (1 - t) * p k + t * q k) <= (1 - t) * l i p + t * l i q) ->
  (forall i (p : 'I_dy -> R), exists g : 'I_dy -> R, forall eps : R, 0 < eps ->
     exists delta : R, 0 < delta /\ forall h : 'I_dy -> R, SUM (k < dy) Rabs (h k) < delta ->
       Rabs (l i (fun k => p k + h k) - l i p - SUM (k < dy) (g k * h k)) <= eps * SUM (k < dy) Rabs (h k)) ->
  let L (q : ('I_dx -> R) -> 'I_dy -> R) := / INR m * SUM (i < m) l i (q (x i)) in
  let f (W : 'I_dy -> 'I_dx -> R) (V : 'I_dx -> 'I_dz -> R) (u : U) (v : 'I_dx -> R) (k : 'I_dy) :=
    SUM (j < dx) (W k j * (v j + SUM (c < dz) (V j c * z v u c))) in
  forall W V u,
  (exists r : R, 0 < r /\ forall W' V', (forall k j, Rabs (W' k j - W k j) < r) ->
     (forall j c, Rabs (V' j c - V j c) < r) -> L (f W V u) <= L (f W' V' u)) ->
  forall (A : 'I_dy -> 'I_dx -> R) (B : 'I_dy -> 'I_dz -> R),
    L (f W V u) <= L (fun v k => SUM (j < dx) (A k j * v j) + SUM (c < dz) (B k c * z v u c)).
