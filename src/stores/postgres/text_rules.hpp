#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "troupe/spi/state_store.hpp"
#include "troupe/stores/postgres.hpp"

/// What columns of type text can hold. Effects of all functions: none.
namespace troupe::internal {

/// Whether PostgreSQL takes `text` for UTF-8 without NUL.
[[nodiscard]] bool is_storable_text(std::string_view text) noexcept;

/// Returns why a column cannot hold what a record holds; nothing: it can. JSON is looked at where it is kept as text.
/// Requires: `refusal` has nothing against it.
[[nodiscard]] std::optional<std::string> text_refusal(const spi::turn_record& record, stores::postgres_state state);

}  // namespace troupe::internal
