#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "integration/cloud/cloud_fixture.hpp"

namespace troupe::testing_support {

inline spi::log_entry_image sale(std::uint64_t sequence) {
  return {sequence, contract::at_ms(static_cast<std::int64_t>(sequence)),
          R"({"sale":)" + std::to_string(sequence) + "}"};
}

inline std::vector<spi::log_entry_image> sales(std::uint64_t first, std::uint64_t next) {
  std::vector<spi::log_entry_image> entries;
  for (auto i = first; i < next; ++i) entries.push_back(sale(i));
  return entries;
}

/// The n-th turn of an actor, which appends one entry to a log trimmed to begin with `first`.
inline spi::turn_record nth_sale(std::uint64_t n, std::uint64_t first = 1) {
  auto record = contract::turn(acme, n == 1 ? spi::commit_stamp{} : spi::commit_stamp{n - 1, 11}, {n, 11});
  record.logs = {{{"sales", first, n + 1}, 1, {sale(n)}}};
  return record;
}

/// Appends 200 entries one by one, reads them in pages, trims and erases; both stores see the same.
inline void expect_long_logs(const std::shared_ptr<spi::state_store>& one,
                             const std::shared_ptr<spi::state_store>& two) {
  const contract::store_client writer(one);
  const contract::store_client reader(two);
  for (std::uint64_t n = 1; n <= 200; ++n) {
    // The writer changes now and then, so that each has to see what the other sealed.
    const contract::store_client& client = n % 50 < 25 ? writer : reader;
    ASSERT_EQ(client.status_of(nth_sale(n)), spi::commit_status::committed) << n;
  }
  const auto read = [&](spi::log_query query) {
    query.actor = acme;
    query.log = "sales";
    const auto result = reader.read_log(std::move(query));
    EXPECT_EQ(result.status, spi::read_status::ok) << result.message;
    return result.entries;
  };
  EXPECT_EQ(read({}), sales(1, 201));
  EXPECT_EQ(read({.from = 30, .to = 70}), sales(30, 71));
  EXPECT_EQ(read({.limit = 3}), sales(1, 4));
  auto newest = sales(101, 201);
  std::reverse(newest.begin(), newest.end());
  EXPECT_EQ(read({.newest_first = true, .limit = 100}), newest);
  EXPECT_EQ(writer.load(acme).image.logs, (std::vector<spi::log_head>{{"sales", 1, 201}}));
  ASSERT_EQ(writer.status_of(nth_sale(201, 150)), spi::commit_status::committed);
  EXPECT_EQ(read({}), sales(150, 202));
}

}  // namespace troupe::testing_support
