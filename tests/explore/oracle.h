// oracle.h - the outcomes of a litmus program by the axioms of RC11, tried
// out one by one: which store each load reads, in which order the stores of
// a location come. Slow, simple, and without any idea in common with the
// explorer: what it is checked against.
//
// Lahav, Vafeiadis, Kang, Hur, Dreyer: Repairing Sequential Consistency in
// C/C++11, PLDI 2017, whose names for the relations are used here.
#ifndef TESTS_EXPLORE_ORACLE_H
#define TESTS_EXPLORE_ORACLE_H

#include <algorithm>
#include <functional>

#include "tests/explore/litmus.h"

class Oracle {
 public:
  explicit Oracle(const Litmus &litmus) : litmus_(litmus) {
    for (int l = 0; l < LITMUS_LOCATIONS; l++)
      Add({'W', l, 0, __ATOMIC_RELAXED}, -1);
    for (size_t t = 0; t < litmus.threads.size(); t++)
      for (const Operation &operation : Parse(litmus.threads[t]))
        Add(operation, int(t));
  }

  std::string Outcomes() {
    ReadsFrom(0);
    return Joined(outcomes_);
  }

 private:
  static constexpr int kMost = 16;
  struct Relation {
    bool has[kMost][kMost] = {};
  };
  struct Node {
    Operation operation;
    int thread;
  };

  void Add(const Operation &operation, int thread) {
    nodes_.push_back({operation, thread});
  }

  int count() const { return int(nodes_.size()); }
  bool IsRead(int n) const { return strchr("RXA", nodes_[n].operation.what); }
  bool IsWrite(int n) const { return strchr("WXA", nodes_[n].operation.what); }
  bool IsUpdate(int n) const { return IsRead(n) && IsWrite(n); }
  bool IsFence(int n) const { return nodes_[n].operation.what == 'F'; }
  bool IsSc(int n) const {
    return nodes_[n].operation.order == __ATOMIC_SEQ_CST;
  }
  bool Releases(int n) const {
    int o = nodes_[n].operation.order;
    return IsSc(n) || o == __ATOMIC_RELEASE || o == __ATOMIC_ACQ_REL;
  }
  bool Acquires(int n) const {
    int o = nodes_[n].operation.order;
    return IsSc(n) || o == __ATOMIC_ACQUIRE || o == __ATOMIC_ACQ_REL;
  }
  int Location(int n) const {
    return IsFence(n) ? -1 : nodes_[n].operation.location;
  }
  bool SameLocation(int a, int b) const {
    return !IsFence(a) && !IsFence(b) && Location(a) == Location(b);
  }
  bool Before(int a, int b) const {  // sb; the first stores come before all
    if (nodes_[a].thread < 0) return nodes_[b].thread >= 0;
    return nodes_[a].thread == nodes_[b].thread && a < b;
  }

  template <typename F>
  Relation Make(F holds) const {
    Relation r;
    for (int a = 0; a < count(); a++)
      for (int b = 0; b < count(); b++) r.has[a][b] = holds(a, b);
    return r;
  }
  Relation Then(const Relation &x, const Relation &y) const {
    return Make([&](int a, int b) {
      for (int c = 0; c < count(); c++)
        if (x.has[a][c] && y.has[c][b]) return true;
      return false;
    });
  }
  Relation Or(const Relation &x, const Relation &y) const {
    return Make([&](int a, int b) { return x.has[a][b] || y.has[a][b]; });
  }
  Relation Maybe(const Relation &x) const {  // x?
    return Make([&](int a, int b) { return a == b || x.has[a][b]; });
  }
  Relation Closure(Relation x) const {  // x+
    for (int c = 0; c < count(); c++)
      for (int a = 0; a < count(); a++)
        for (int b = 0; b < count(); b++)
          x.has[a][b] |= x.has[a][c] && x.has[c][b];
    return x;
  }
  bool HasCircle(const Relation &x) const {
    Relation all = Closure(x);
    for (int a = 0; a < count(); a++)
      if (all.has[a][a]) return true;
    return false;
  }

  // Every load gets a store.
  void ReadsFrom(int n) {
    if (n == count()) return Modifications(0);
    if (!IsRead(n)) return ReadsFrom(n + 1);
    for (int w = 0; w < count(); w++) {
      if (w == n || !IsWrite(w) || !SameLocation(w, n)) continue;
      rf_[n] = w;
      ReadsFrom(n + 1);
    }
  }

  // Every location gets an order of its stores.
  void Modifications(int location) {
    if (location == LITMUS_LOCATIONS) return Judge();
    std::vector<int> &order = mo_[location];
    order.clear();
    for (int w = 0; w < count(); w++)
      if (IsWrite(w) && Location(w) == location) order.push_back(w);
    do {
      if (nodes_[order[0]].thread < 0) {
        std::vector<int> kept = order;
        Modifications(location + 1);
        order = kept;
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }

  int Rank(int w) const {
    const std::vector<int> &order = mo_[Location(w)];
    return int(std::find(order.begin(), order.end(), w) - order.begin());
  }

  void Judge() {
    Relation sb = Make([&](int a, int b) { return Before(a, b); });
    Relation rf = Make([&](int a, int b) { return IsRead(b) && rf_[b] == a; });
    if (HasCircle(Or(sb, rf))) return;  // no values out of thin air
    Relation mo = Make([&](int a, int b) {
      return IsWrite(a) && IsWrite(b) && SameLocation(a, b) &&
             Rank(a) < Rank(b);
    });
    Relation rb = Make(
        [&](int a, int b) { return a != b && IsRead(a) && mo.has[rf_[a]][b]; });
    for (int n = 0; n < count(); n++)  // atomicity
      if (IsUpdate(n) && Rank(n) != Rank(rf_[n]) + 1) return;
    Relation hb = HappensBefore(sb, rf);
    Relation eco = Closure(Or(rf, Or(mo, rb)));
    for (int n = 0; n < count(); n++)
      if (hb.has[n][n] || eco.has[n][n] || Then(hb, eco).has[n][n]) return;
    if (HasCircle(Psc(sb, hb, mo, rb, eco))) return;
    outcomes_.insert(Outcome());
  }

  Relation HappensBefore(const Relation &sb, const Relation &rf) const {
    // A release sequence: a store, and the updates that go on with it.
    Relation chain = Maybe(Closure(Make([&](int a, int b) {
      return IsWrite(a) && IsUpdate(b) && rf.has[a][b];
    })));
    Relation sw = Make([&](int a, int b) {
      if (!Releases(a) || !Acquires(b)) return false;
      for (int w = 0; w < count(); w++) {
        if (!IsWrite(w) || !(a == w || (IsFence(a) && sb.has[a][w]))) continue;
        for (int r = 0; r < count(); r++) {
          if (!IsRead(r) || !(r == b || (IsFence(b) && sb.has[r][b]))) continue;
          if (chain.has[w][rf_[r]]) return true;
        }
      }
      return false;
    });
    return Closure(Or(sb, sw));
  }

  Relation Psc(const Relation &sb, const Relation &hb, const Relation &mo,
               const Relation &rb, const Relation &eco) const {
    Relation elsewhere =
        Make([&](int a, int b) { return sb.has[a][b] && !SameLocation(a, b); });
    Relation here =
        Make([&](int a, int b) { return hb.has[a][b] && SameLocation(a, b); });
    Relation scb =
        Or(Or(sb, Then(Then(elsewhere, hb), elsewhere)), Or(here, Or(mo, rb)));
    Relation to = Make([&](int a, int b) {  // [SC] u [F_sc];hb?
      return IsSc(a) && (a == b || (IsFence(a) && hb.has[a][b]));
    });
    Relation from = Make([&](int a, int b) {
      return IsSc(b) && (a == b || (IsFence(b) && hb.has[a][b]));
    });
    Relation base = Then(Then(to, scb), from);
    Relation between = Or(hb, Then(Then(hb, eco), hb));
    Relation fences = Make([&](int a, int b) {
      return IsFence(a) && IsFence(b) && IsSc(a) && IsSc(b) &&
             between.has[a][b];
    });
    return Or(base, fences);
  }

  // Values follow from who reads from whom, in an order without circles.
  int Value(int w) const {
    const Operation &operation = nodes_[w].operation;
    if (operation.what == 'A') return Value(rf_[w]) + operation.value;
    return operation.value;
  }

  std::string Outcome() const {
    std::string text;
    for (int n = 0; n < count(); n++)
      if (IsRead(n)) text += char('0' + Value(rf_[n]));
    if (*litmus_.finals) text += "|";
    for (const char *c = litmus_.finals; *c; c++)
      text += char('0' + Value(mo_[*c - 'w'].back()));
    return text;
  }

  const Litmus &litmus_;
  std::vector<Node> nodes_;
  int rf_[kMost] = {};
  std::vector<int> mo_[LITMUS_LOCATIONS];
  std::set<std::string> outcomes_;
};

#endif
