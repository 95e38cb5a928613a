#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/troupe.hpp>

namespace marketplace {

/// By what a store knows the invoice file that was replayed into it.
struct first_row {
  std::string text;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(first_row, text)

/// Remembers which file a store belongs to, since line numbers name sales within one file only.
///
/// A file is known by its first accepted row, so a file that has grown, or was truncated, is the same file.
class invoice_file : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "invoice_file";

  /// The one file of a store.
  static constexpr std::string_view the_file = "replayed";

  /// Claims the store for the file with that first row. Errors: `std::invalid_argument` when it belongs to another one.
  void claim(std::string text) {
    if (first_row_->text == text) return;
    if (first_row_.exists()) {
      throw std::invalid_argument("the store holds the replay of another file, which begins with \"" +
                                  first_row_->text + "\" and not with \"" + text + "\"; name another --store");
    }
    first_row_.edit().text = std::move(text);
  }

  using methods = troupe::methods<&invoice_file::claim>;

 private:
  troupe::state<first_row> first_row_{*this, "first_row"};
};

}  // namespace marketplace
