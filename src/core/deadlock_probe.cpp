#include "core/deadlock_probe.hpp"

#include <algorithm>
#include <atomic>
#include <tuple>
#include <utility>

#include "core/activation.hpp"

namespace troupe::internal {

struct probe_way::step {
  step(step* earlier, probe_hop call) noexcept : before(earlier), hop(std::move(call)) {}

  std::atomic<std::uint32_t> references{1};
  step* before;  // counts in its references; null: the first
  probe_hop hop;
};

probe_way::probe_way(const probe_way& other) noexcept : last_(other.last_) {
  if (last_ != nullptr) last_->references.fetch_add(1, std::memory_order_relaxed);
}

probe_way::~probe_way() {
  // One after the other: a way may be far longer than a stack is deep.
  while (last_ != nullptr && last_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete std::exchange(last_, last_->before);
  }
}

probe_way probe_way::and_then(probe_hop hop) const {
  probe_way longer(*this);
  longer.last_ = new step(longer.last_, std::move(hop));
  return longer;
}

probe_hop& probe_way::last() const noexcept { return last_->hop; }

std::vector<probe_hop> probe_way::since(const activation* from, std::uint64_t turn) const {
  const auto leaves = [&](const step& each) { return each.hop.from.get() == from && each.hop.turn == turn; };
  const step* first = last_;
  std::size_t count = 1;
  for (; first != nullptr && !leaves(*first); first = first->before) ++count;
  std::vector<probe_hop> all;
  if (first == nullptr) return all;
  all.reserve(count);
  for (const step* each = last_; all.size() < count; each = each->before) all.push_back(each->hop);
  std::reverse(all.begin(), all.end());
  return all;
}

std::size_t victim_of(const std::vector<probe_hop>& circle) {
  // Younger by time, and by an order of its own where the coarse clock shows the same.
  const auto age = [](const probe_hop& hop) {
    return std::tuple(hop.sent, hop.serial, hop.from.get()->type_name(), hop.from.get()->key());
  };
  std::size_t youngest = circle.size();
  for (std::size_t i = 0; i < circle.size(); ++i) {
    if (!circle[i].waits) continue;
    if (youngest == circle.size() || age(circle[youngest]) < age(circle[i])) youngest = i;
  }
  return youngest;
}

std::string deadlock_text(const std::vector<probe_hop>& circle, std::size_t victim) {
  constexpr std::size_t named_max = 16;
  const auto hop = [&](std::size_t i) -> const probe_hop& { return circle[(victim + i) % circle.size()]; };
  const auto called = [](const probe_hop& h) { return h.to.get()->display() + "." + std::string(h.method); };
  std::string actors = hop(0).from.get()->display();
  std::string waits;
  for (std::size_t i = 0; i < circle.size(); ++i) {
    const bool named = circle.size() <= named_max || i < named_max / 2 || i + named_max / 2 >= circle.size();
    if (!named) {
      if (i == named_max / 2) actors += " -> ... " + std::to_string(circle.size() - named_max) + " more ...";
      continue;
    }
    actors += " -> " + hop(i).to.get()->display();
    if (i > 0) waits += (waits.empty() ? "" : ", ") + hop(i).from.get()->display() + " waits for " + called(hop(i));
  }
  return "deadlock: the call of " + called(hop(0)) + " would wait for ever: " + actors +
         (waits.empty() ? "" : " (" + waits + ")") +
         ". Nothing of it happened; send a message instead of waiting, or let the method be entered again by the "
         "chain of calls that it waits for (call_chain)";
}

}  // namespace troupe::internal
