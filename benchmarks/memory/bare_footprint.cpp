#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>

#include "countdown.hpp"
#include "memory.hpp"
#include "memory/footprint.hpp"
#include "messages/bare_ids.hpp"
#include "messages/bare_pool.hpp"
#include "messages/ids.hpp"

// What the machine allows: a mailbox, the id, and a word in a table.

namespace bench {
namespace {

template <class Members>
class bare_object final : public bare_actor {
 public:
  explicit bare_object(std::string_view id) noexcept { id.copy(id_.data(), id_.size()); }
  [[nodiscard]] std::string_view id() const noexcept { return {id_.data(), id_.size()}; }
  void work() noexcept {
    if constexpr (std::is_same_v<Members, numbers>) members_.add(1);
  }

 private:
  [[no_unique_address]] Members members_;
  std::array<char, id_text::length> id_{};
};

template <class Members>
class bare_stage final : public bare_pool<bare_stage<Members>> {
 public:
  explicit bare_stage(std::size_t threads) { this->start(threads); }
  bare_stage(const bare_stage&) = delete;
  bare_stage& operator=(const bare_stage&) = delete;
  ~bare_stage() { this->stop(); }

  void touch(std::size_t first, std::size_t count) {
    done_.begin(static_cast<std::int64_t>(count));
    for (std::size_t i = first; i < first + count; ++i) {
      const id_text id(i);
      auto& actor = ids_.find_or_make(id.view(), [&] { return std::make_unique<bare_object<Members>>(id.view()); });
      this->send(actor, {.what = verb::item});
    }
    done_.wait();
  }
  void handle(bare_actor& to, const bare_message& /*message*/) noexcept {
    static_cast<bare_object<Members>&>(to).work();
    done_.one_done();
  }

 private:
  countdown done_;
  bare_ids<bare_object<Members>> ids_;
};

template <class Members>
footprint footprint_of_bare(std::size_t actors, std::size_t threads) {
  bare_stage<Members> stage(threads);
  stage.touch(actors, 1);
  const memory_meter meter;
  for (std::size_t i = 0; i < actors; i += 500) stage.touch(i, std::min<std::size_t>(500, actors - i));
  const memory_taken idle = meter.taken(static_cast<double>(actors));
  return {.idle = idle.resident_set, .idle_heap = idle.heap, .dormant = std::nullopt};
}

}  // namespace

std::optional<footprint> measure_bare(burden what, std::size_t actors, std::size_t threads) {
  if (what == burden::nothing) return footprint_of_bare<no_members>(actors, threads);
  if (what == burden::members) return footprint_of_bare<numbers>(actors, threads);
  return std::nullopt;
}

}  // namespace bench
