#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "troupe/base/actor_id.hpp"
#include "troupe/detail/message.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// A turn record on its way to the store. The activation owns it; it is lent from `commit` until it comes back as work.
struct commit_ticket : detail::message {
  commit_ticket() noexcept : message(role::work) {}

  activation* owner = nullptr;
  std::unique_ptr<spi::turn_record> record;  ///< taken by the committer
  spi::commit_result result;                 ///< set before it comes back
};

/// A read of one actor's state. Lent from `load` until it comes back as work.
struct load_ticket : detail::message {
  load_ticket() noexcept : message(role::work) {}

  activation* owner = nullptr;
  actor_id actor;
  spi::load_result result;  ///< set before it comes back
};

/// A read of a part of an actor's log. Lent from `read` until it comes back as work.
struct log_ticket : detail::message {
  explicit log_ticket(activation& of) noexcept : message(role::work), owner(&of) {}

  activation* owner;
  spi::log_query query;
  spi::log_result result;  ///< set before it comes back
};

/// A read of items. Lent from `read` until it comes back as work.
struct item_ticket : detail::message {
  explicit item_ticket(activation& of) noexcept : message(role::work), owner(&of) {}

  activation* owner;
  spi::item_query query;
  spi::item_result result;  ///< set before it comes back
};

/// How the core reaches the store: batches, retries and time limits are behind it.
/// Thread-safety: any thread. Every ticket comes back exactly once, pushed to its owner's strand, unless the runtime
/// is halted.
class persistence_port {
 public:
  virtual ~persistence_port() = default;
  virtual void commit(commit_ticket& ticket) noexcept = 0;
  virtual void load(load_ticket& ticket) noexcept = 0;
  virtual void read(log_ticket& ticket) noexcept = 0;
  virtual void read(item_ticket& ticket) noexcept = 0;
  [[nodiscard]] virtual spi::store_limits limits() const noexcept = 0;
};

/// How the core tells when an actor's earliest reminder is due, after a commit that changed it.
/// Thread-safety: any thread.
class reminder_port {
 public:
  virtual ~reminder_port() = default;
  virtual void due_changed(const actor_id& actor, std::optional<wall_time> due) noexcept = 0;
};

}  // namespace troupe::internal
