#include "seed_setup.hpp"

#include <random>

namespace troupe::model {
namespace {

testing::fault_rates draw_faults(std::mt19937_64& random, bool held) {
  const auto rate = [&]() -> unsigned { return random() % 2 == 0 ? 0U : static_cast<unsigned>(random() % 120); };
  testing::fault_rates rates;
  rates.unavailable = rate();
  rates.conflict = rate();
  rates.lost_answer = rate();
  rates.lost_call = rate();
  if (held) {
    rates.held_before = rate();
    rates.held_after = rate();
  }
  return rates;
}

}  // namespace

bool seed_setup::calm() const noexcept {
  const unsigned sum = faults.unavailable + faults.conflict + faults.lost_answer + faults.lost_call +
                       faults.held_before + faults.held_after;
  return sum == 0 && crash_percent == 0 && runtimes == 1;
}

seed_setup draw_setup(std::uint64_t seed) {
  std::mt19937_64 random(seed * 0x9e3779b97f4a7c15U + 1);
  const auto one_in = [&](std::uint64_t n) { return random() % n == 0; };
  seed_setup setup;
  const std::size_t actors = 2 + random() % 4;
  for (std::size_t i = 0; i < actors; ++i) {
    setup.kinds.push_back(one_in(3) ? static_cast<kind>(random() % 4) : kind::every_turn);
  }
  setup.actions = 20 + random() % 40;
  const bool troubled = !one_in(4);
  if (troubled) {
    if (!one_in(4)) setup.faults = draw_faults(random, one_in(2));
    if (!one_in(3)) setup.crash_percent = 1 + random() % 6;
    setup.drops_held = one_in(2);
    if (one_in(5)) setup.runtimes = 2;
  }
  setup.erases = one_in(3);
  setup.edits_on_departure = one_in(4);
  setup.patient = one_in(3);
  if (one_in(3)) setup.resident_max = 1 + random() % 3;
  if (!one_in(4)) setup.idle_timeout = std::chrono::milliseconds(50 + random() % 5'000);
  if (one_in(3)) setup.store_timeout = std::chrono::milliseconds(200 + random() % 800);
  return setup;
}

}  // namespace troupe::model
