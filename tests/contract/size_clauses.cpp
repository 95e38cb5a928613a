#include <array>

#include "contract/clause_support.hpp"

namespace troupe::contract {
namespace {

using spi::commit_status;

/// A record of exactly `bytes`, spread over cells, reminders and replies.
spi::turn_record sized_birth(std::size_t bytes) {
  auto record = birth(acme);
  record.cells = {cell("c", "")};
  record.reminders = {{reminder("r", 1000, 0, "\"reminder\"")}};
  record.requests_added = {request("k", 1, "\"reply\"")};
  const std::size_t rest = 1 + 1 + 10 + 4 + 1 + 7 + 2;  // names, key, the other values, quotes
  record.cells[0].json = "\"" + std::string(bytes - rest, 'x') + "\"";
  return record;
}

violations accepts_a_record_at_the_limit(store_place& place) {
  checker check;
  const store_client client(place.open());
  check.expect(client.store().limits().record_bytes_max == record_bytes_max, "the store does not tell its limit");
  const auto record = sized_birth(record_bytes_max);
  check.expect_status(client.commit(record), commit_status::committed, "a record at the limit");
  check.expect_image(client.load(acme), image_of(record), "a record at the limit");
  return check.take();
}

violations rejects_a_record_over_the_limit(store_place& place) {
  checker check;
  const store_client client(place.open());
  const std::array batch{sized_birth(record_bytes_max + 1), birth({"seller", "small"})};
  const auto results = client.commit(batch);
  check.expect_status(results[0], commit_status::rejected, "a record over the limit");
  for (const std::string& word :
       {std::string("seller/acme"), std::to_string(record_bytes_max + 1), std::to_string(record_bytes_max)}) {
    check.expect(results[0].message.find(word) != std::string::npos,
                 "the message of a rejection lacks " + word + ": " + results[0].message);
  }
  check.expect_status(results[1], commit_status::committed, "its neighbour");
  check.expect_nothing(client.load(acme), "after a rejection");
  return check.take();
}

violations takes_the_largest_batch(store_place& place) {
  checker check;
  const store_client client(place.open());
  const std::size_t size = client.store().limits().batch_records_max;
  std::vector<spi::turn_record> records;
  std::vector<actor_id> actors;
  for (std::size_t i = 0; i < size; ++i) {
    // 7919 is a prime above the size: every key once, in no order.
    actors.push_back({"seller", std::to_string(i * 7919 % 100000)});
    records.push_back(birth(actors.back()));
  }
  for (const auto& result : client.commit(records)) {
    check.expect_status(result, commit_status::committed, "a record of the largest batch");
  }
  const auto loaded = client.load(actors);
  check.expect(loaded.size() == size, "the largest load has another number of results");
  for (std::size_t i = 0; i < loaded.size(); ++i) check.expect_image(loaded[i], image_of(records[i]), "its load");
  return check.take();
}

violations answers_loads_in_their_order(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto record = birth(acme);
  check.expect_status(client.commit(record), commit_status::committed, "an insert");
  const std::array actors{actor_id{"seller", "zeta"}, acme, actor_id{"buyer", "acme"}, actor_id{"seller", "Acme"}};
  const auto loaded = client.load(actors);
  check.expect(loaded.size() == actors.size(), "a load has another number of results than of actors");
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    check.expect(loaded[i].image.actor == actors[i], "a result of a load is out of order");
    if (i == 1) {
      check.expect_image(loaded[i], image_of(record), "the one that exists");
    } else {
      check.expect_nothing(loaded[i], "one that does not exist");
    }
  }
  check.expect(client.load(std::span<const actor_id>{}).empty(), "an empty load has results");
  check.expect(client.commit(std::span<const spi::turn_record>{}).empty(), "an empty commit has results");
  return check.take();
}

}  // namespace

std::span<const clause> size_clauses() {
  static constexpr std::array clauses{
      clause{"AcceptsARecordAtTheLimit", accepts_a_record_at_the_limit},
      clause{"RejectsARecordOverTheLimit", rejects_a_record_over_the_limit},
      clause{"TakesTheLargestBatch", takes_the_largest_batch},
      clause{"AnswersLoadsInTheirOrder", answers_loads_in_their_order},
  };
  return clauses;
}

}  // namespace troupe::contract
