#include "core/deadlock_probe.hpp"

#include <tuple>

#include "core/activation.hpp"

namespace troupe::internal {

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
