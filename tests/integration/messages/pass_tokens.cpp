// pass_tokens PATH [begin]: hosts actors on the SQLite store at PATH that pass tokens to each other by durable
// messages. With `begin` each of them sends its first tokens away, once. Writes a '.' to standard output for each token
// that a handler takes, an 'x' for each that it drops. Ends in good order when standard input ends, else by being
// killed.

#include <atomic>
#include <string>
#include <string_view>

#include "token_actors.hpp"

int main(int argc, char** argv) {
  using troupe::token_test::holder;
  if (argc < 2) return 2;
  troupe::runtime_options options;
  options.store = std::string("sqlite:") + argv[1] + "?synchronous=normal";
  options.log = [](troupe::log_level, std::string_view) {};
  troupe::runtime rt{std::move(options)};
  rt.host<holder>();
  rt.start();
  if (argc > 2) {
    for (int i = 0; i < troupe::token_test::holders; ++i) {
      const auto first = rt.ref<holder>(std::to_string(i)).with({.idempotency_key = "begin"});
      first.call<&holder::begin>()([](const std::exception_ptr& /*whatever*/) {});
    }
  }
  char nothing = 0;
  while (::read(STDIN_FILENO, &nothing, 1) > 0) {
  }
  rt.shutdown();
  return 0;
}
