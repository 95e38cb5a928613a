// ring_bells STORE [begin|end]: hosts bells on a store, whose reminders fire. With `begin` each bell sets its
// reminders, once. With `end` it cancels those without end and waits until all others are over. Ends in good order when
// standard input ends, else by being killed.

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "bell.hpp"
#include "support/server_process.hpp"

namespace {

using troupe::bell_test::bell;
using troupe::bell_test::bells;

bool end_all(troupe::runtime& rt) {
  bool ended = true;
  for (int i = 0; i < bells; ++i) ended &= rt.ref<bell>(std::to_string(i)).call<&bell::end>().get();
  return ended;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  if (argc < 2) return 2;
  const std::string_view what = argc > 2 ? argv[2] : "";
  troupe::runtime_options options;
  options.store = argv[1];
  options.log = [](troupe::log_level, std::string_view) {};
  troupe::runtime rt{std::move(options)};
  rt.host<bell>();
  rt.start();
  if (what == "begin") {
    for (int i = 0; i < bells; ++i) {
      const auto first = rt.ref<bell>(std::to_string(i)).with({.idempotency_key = "begin"});
      first.call<&bell::begin>()([](const std::exception_ptr& /*whatever*/) {});
    }
  }
  if (what == "end" && !troupe::testing_support::wait_for([&rt] { return end_all(rt); }, 60s)) return 3;
  char nothing = 0;
  while (::read(STDIN_FILENO, &nothing, 1) > 0) {
  }
  rt.shutdown();
  return 0;
}
