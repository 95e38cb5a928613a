#pragma once

#include <string>
#include <string_view>

#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// Returns a time as `Tue, 01 Nov 1994 08:12:31 GMT`.
[[nodiscard]] std::string http_date(wall_time time);

/// What a request is about: `docs` and `dbs/x/colls/y/docs/z`.
struct cosmos_resource {
  std::string type;
  std::string link;  ///< of the resource, or for a creation or a query of its parent
};

/// Returns the value of the `Authorization` header. `key` is the account's key, base64 decoded; `date` goes into
/// `x-ms-date`. Source: "Access control in the Azure Cosmos DB SQL API" (master key).
[[nodiscard]] std::string authorization(std::string_view method, const cosmos_resource& resource, std::string_view date,
                                        std::string_view key);

}  // namespace troupe::internal
