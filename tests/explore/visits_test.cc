// visits_test.cc - every run of guests who leave, and of one who pulls the
// house down.
#include <cstdlib>

#include "tests/explore/explore.h"

extern "C" {
#include "chapters/11_threads/visits.h"
}

namespace {

using explore::Check;
using explore::Scenario;

struct House {
  struct visits visits;
  explore::Var<int> visited;  // a guest writes it
};

// A scenario's threads share these; its setup makes them anew.
House *house;
explore::Flag is_handed_over[2];  // each guest's task is in the queue

void MakeHouse() {
  house = static_cast<House *>(malloc(sizeof *house));
  visits_init(&house->visits);
  explore::Name(&house->visits.inside, "visits.inside");
  house->visited.Init(0, "what a guest did");
  is_handed_over[0].Reset("the first hand-over");
  is_handed_over[1].Reset("the second hand-over");
}

// Once the task is in the queue it may run, and be the last of all.
void Visit(int guest) {
  visits_begin(&house->visits);
  is_handed_over[guest].Set();
  if (guest == 0) house->visited.Set(1);
  visits_end(&house->visits);
}

}  // namespace

// --------------------------------------------------------------- step 11.6

using VisitRuns = ::testing::Test;

TEST_F(VisitRuns, TheHouseStandsUntilAllHaveLeft) {
  Scenario scenario;
  scenario.setup = MakeHouse;
  scenario.Thread("guest", [] { Visit(0); });
  scenario.Thread("second", [] { Visit(1); });
  scenario.Thread("owner", [] {
    is_handed_over[0].Wait();
    is_handed_over[1].Wait();
    visits_wait(&house->visits);
    Check(house->visited.Get() == 1, "V3: what a guest did comes before");
    free(house);
  });
  EXPECT_HOLDS(scenario);
}
