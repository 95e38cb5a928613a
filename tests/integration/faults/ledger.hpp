#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "troupe/troupe.hpp"

namespace troupe::fault_test {

/// What a ledger holds.
struct pages {
  std::int64_t count = 0;
  std::vector<std::int64_t> operations;
};

/// Counts operations in a cell and notes the id of each in a log: one that is lost, doubled or half done shows.
class ledger : public actor {
 public:
  static constexpr std::string_view actor_type = "ledger";

  /// Returns how many it has with this one.
  std::int64_t note(std::int64_t operation) {
    operations_.append(operation);
    return ++count_.edit();
  }

  std::int64_t count() const { return *count_; }

  /// Asks the store for the latest operation.
  task<std::int64_t> latest() {
    const auto entries = co_await operations_.newest(1);
    co_return entries.empty() ? -1 : entries.front().value;
  }

  task<std::vector<std::int64_t>> operations() {
    const auto entries = co_await operations_.read(operations_.first(), operations_.next());
    std::vector<std::int64_t> found;
    for (const auto& entry : entries) found.push_back(entry.value);
    co_return found;
  }

  using methods = troupe::methods<&ledger::note, &ledger::count, &ledger::latest, &ledger::operations>;

 private:
  state<std::int64_t> count_{*this, "count"};
  log<std::int64_t> operations_{*this, "operations"};
};

/// Reads all that one holds, which nobody changes meanwhile.
inline pages read_pages(const actor_ref<ledger>& from) {
  pages read;
  read.count = from.call<&ledger::count>().get();
  read.operations = from.call<&ledger::operations>().get();
  return read;
}

}  // namespace troupe::fault_test
