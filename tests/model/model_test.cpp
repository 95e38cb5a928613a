#include <cstdint>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "driver.hpp"

namespace troupe::model {
namespace {

std::uint64_t setting(const char* name, std::uint64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::stoull(text);
}

std::string explain(std::uint64_t seed, testing::broken_rules broken = {}) {
  driver again(seed, broken, true);
  std::string text = again.run();
  text += "\nseed " + std::to_string(seed) + "; replay: TROUPE_MODEL_SEED=" + std::to_string(seed) +
          " model_test --gtest_filter=Model.KeepsItsPromisesWhateverHappens\n";
  for (const std::string& line : again.trace()) text += "  " + line + "\n";
  return text;
}

TEST(Model, KeepsItsPromisesWhateverHappens) {
  std::uint64_t first = setting("TROUPE_MODEL_FIRST", 1);
  std::uint64_t count = setting("TROUPE_MODEL_SEEDS", 10'000);
  if (const std::uint64_t one = setting("TROUPE_MODEL_SEED", 0); one != 0) {
    first = one;
    count = 1;
  }
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    driver run(seed, {}, false);
    if (!run.run().empty()) FAIL() << explain(seed);
  }
}

}  // namespace
}  // namespace troupe::model
