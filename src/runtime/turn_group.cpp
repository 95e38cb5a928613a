#include "runtime/turn_group.hpp"

#include <atomic>
#include <memory>
#include <utility>

#include "core/activation.hpp"
#include "core/function_request.hpp"
#include "runtime/blocked_answer.hpp"
#include "troupe/detail/outside_call.hpp"

namespace troupe::internal {
namespace {

/// Whoever is the last one answers.
struct group {
  std::vector<std::exception_ptr> failures;
  std::atomic<std::size_t> left;
  blocked_answer<bool> over;
};

}  // namespace

std::vector<std::exception_ptr> run_turns(parts& of, const std::string& what, const std::vector<actor_id>& actors,
                                          const std::function<task<void>(actor&, std::size_t)>& run) {
  if (actors.empty()) return {};
  const auto together = std::make_shared<group>();
  together->failures.resize(actors.size());
  together->left = actors.size();
  for (std::size_t n = 0; n < actors.size(); ++n) {
    const auto ended = [together, n](std::exception_ptr failure) {
      together->failures[n] = std::move(failure);
      if (together->left.fetch_sub(1, std::memory_order_acq_rel) == 1) together->over.answer(true);
    };
    try {
      const auto target = of.system().find(actors[n].type, actors[n].key);
      detail::send_from_outside(*target, *new function_request(
                                             what, [run, n](actor& self) { return run(self, n); }, ended));
    } catch (...) {
      ended(std::current_exception());
    }
  }
  of.executor().wait(together->over.done);
  return std::move(together->failures);
}

}  // namespace troupe::internal
