#include "bell_kills.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "bell.hpp"
#include "bell_audit.hpp"
#include "support/marking_program.hpp"
#include "support/server_process.hpp"

namespace troupe::bell_test {
namespace {

using testing_support::marking_program;

/// About every second process dies between a handler and its commit: of so many at least one does.
constexpr unsigned kills_that_meet_a_commit = 15;

/// For longer runs and other moments: TROUPE_BELLS_KILLS, TROUPE_BELLS_SEED.
unsigned setting(const char* name, unsigned usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : static_cast<unsigned>(std::stoul(text));
}

std::int64_t now() { return std::chrono::system_clock::now().time_since_epoch() / 1ms; }

void expect_no_faults(const audit& found) {
  for (std::size_t i = 0; i < std::min<std::size_t>(found.faults.size(), 10); ++i) ADD_FAILURE() << found.faults[i];
  EXPECT_LE(found.faults.size(), 10U) << "faults in all";
}

/// Lets ticks be handled for a while, and counts them: some processes die by the clock, the others with a tick whose
/// turn has just ended, as while they catch up with what they missed.
std::size_t listen(marking_program& process, std::mt19937& random) {
  if (random() % 2 == 0) return process.listen_for(milliseconds(30 + random() % 371));
  return process.wait_for(1 + random() % 100);
}

}  // namespace

void expect_each_tick_once(const std::string& store, unsigned kills_usual) {
  const unsigned seed = setting("TROUPE_BELLS_SEED", 20261124);
  const unsigned kills = setting("TROUPE_BELLS_KILLS", kills_usual);
  SCOPED_TRACE("TROUPE_BELLS_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<outage> outages;
  std::size_t handled = 0;
  audit found;
  for (unsigned kill = 1; kill <= kills; ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    marking_program process({TROUPE_RING_BELLS, store, found.begun < bells ? "begin" : "go_on"});
    handled += process.wait_for(1);
    handled += listen(process, random);
    process.kill();
    outages.push_back({.from = now(), .to = 0});
    handled += process.wait_for(std::string::npos);
    const std::int64_t back = outages.back().from + 50 + random() % 451;
    found = look(store, outages, false);
    expect_no_faults(found);
    if (testing::Test::HasFailure()) return;
    EXPECT_TRUE(testing_support::wait_for([&] { return now() >= back; }, 10s));
    outages.back().to = now();
  }
  EXPECT_EQ(found.begun, bells) << "the kills came too early";
  marking_program last({TROUPE_RING_BELLS, store, "end"});
  handled += last.end();
  found = look(store, outages, true);
  expect_no_faults(found);
  if (kills >= kills_that_meet_a_commit) {
    EXPECT_GT(handled, found.handled) << "no process died between the handler and its commit";
  }
  EXPECT_GT(found.covered, 0U) << "no outage was longer than a period";
  std::cout << kills << " kills: " << found.handled << " ticks, " << handled - found.handled
            << " of them handled more than once; " << found.covered << " times several were missed\n";
}

}  // namespace troupe::bell_test
