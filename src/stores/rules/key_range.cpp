#include "stores/rules/key_range.hpp"

#include "base/key_prefix.hpp"

namespace troupe::internal {

key_range range_of(const spi::item_query& query) {
  key_range range{query.prefix, end_of_prefix(query.prefix, spi::item_key_bytes_max)};
  // Nothing is between a key and the same key with a NUL behind it.
  if (query.after && *query.after >= range.lower) range.lower = *query.after + '\0';
  return range;
}

}  // namespace troupe::internal
