#pragma once

#include <stdexcept>
#include <string_view>

#include <troupe/troupe.hpp>

#include "invoices/content_mark.hpp"

namespace marketplace {

/// Remembers the content that a store was filled from. A buyer's bookmark speaks of lines, so a row that was changed
/// behind it would never be settled; with this the replay sees the change before any row is sent.
class invoice_file : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "invoice_file";

  /// The only one of a store.
  static constexpr std::string_view of_replay = "replay";

  /// The content that is known; of zero bytes: none yet.
  content_mark look() const { return *content_; }

  /// Remembers the content of a replay; doing so again changes nothing. Requires: `whole` begins with `known`, which is
  /// what `look` said. Errors: `std::invalid_argument` when another replay has changed that meanwhile.
  void grow(content_mark known, content_mark whole) {
    if (*content_ == whole) return;
    if (*content_ != known) throw std::invalid_argument("another replay fills the store from a file of other content");
    content_.set(whole);
  }

  using methods = troupe::methods<&invoice_file::look, &invoice_file::grow>;

 private:
  troupe::state<content_mark> content_{*this, "content"};
};

}  // namespace marketplace
