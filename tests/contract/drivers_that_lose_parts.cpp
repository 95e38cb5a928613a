#include <algorithm>
#include <utility>

#include "contract/broken_places.hpp"
#include "contract/clause_support.hpp"

namespace troupe::contract {
namespace {

using spi::actor_image;
using spi::commit_result;
using spi::commit_status;
using spi::turn_record;

/// Applies of a record that was refused, or that is held already, what `keep` leaves in it.
template <typename Keep>
tampering half_applied(Keep keep) {
  return {.after = [keep](spi::state_store& good, const turn_record& record, const actor_image& held,
                          const commit_result& result) {
    const bool repeated = result.status == commit_status::committed && held.stamp == record.next;
    if (record.erase || (result.status != commit_status::conflict && !repeated)) return;
    turn_record half;
    half.actor = record.actor;
    half.expected = held.stamp;
    half.next = {held.stamp.version + 1, 99};
    half.keeps_cells = true;
    keep(half, record);
    good.async_commit(std::span(&half, 1), [](std::vector<commit_result> /*whatever*/) {});
  }};
}

/// Answers of the cells of a load whether they stand apart.
template <typename Says>
tampering says_of_cells(Says says) {
  return {.loads = [says](std::vector<spi::load_result>& loads) {
    for (auto& load : loads) {
      for (auto& cell : load.image.cells) cell.kept = says(cell);
    }
  }};
}

/// Brings back what an erasure should have taken, when the actor is made anew.
template <typename Bring>
tampering outlives_its_actor(Bring bring) {
  const auto erased = std::make_shared<bool>(false);
  return {.record = [erased, bring](turn_record& record, const actor_image& held) {
    *erased = *erased || record.erase;
    if (*erased && !record.erase && held.stamp.version == 0) bring(record);
  }};
}

/// Commits whatever the lease says.
class store_that_ignores_leases final : public tampered_store {
 public:
  using tampered_store::tampered_store;

  void async_take_lease(std::string host, std::function<void(spi::lease_result)> done) override {
    if (!lender_) lender_ = stores::memory_store();
    lender_->async_take_lease(std::move(host), std::move(done));
  }

 private:
  std::shared_ptr<spi::state_store> lender_;
};

/// Looks at the lease when it is given a batch, and writes the batch when it is given the next one.
class store_that_checks_leases_early final : public tampered_store {
 public:
  store_that_checks_leases_early(std::shared_ptr<spi::state_store> good, std::shared_ptr<stores::memory_disk> leases)
      : tampered_store(std::move(good), {}), leases_(stores::memory_store({.disk = std::move(leases)})) {}

  void async_take_lease(std::string host, std::function<void(spi::lease_result)> done) override {
    leases_->async_take_lease(std::move(host), std::move(done));
  }

  void async_commit(std::span<const turn_record> records,
                    std::function<void(std::vector<commit_result>)> done) override {
    if (const auto late = std::exchange(late_, nullptr)) late();
    const auto probe = birth({"probe", std::to_string(++probes_) + "/" + to_string(records[0].actor)});
    leases_->async_commit(std::span(&probe, 1), [&](const std::vector<commit_result>& probed) {
      if (probed[0].status == commit_status::committed) {
        late_ = [this, records, done] { good().async_commit(records, done); };
      } else {
        done(std::vector<commit_result>(records.size(), probed[0]));
      }
    });
  }

 private:
  std::shared_ptr<spi::state_store> leases_;
  std::size_t probes_ = 0;
  std::function<void()> late_;
};

}  // namespace

std::vector<broken_driver> drivers_that_lose_parts() {
  const auto changes_logs = [](auto change) {
    return tampering{.record = [change](turn_record& record, const actor_image&) {
      if (record.logs) change(*record.logs);
    }};
  };
  const auto changes_items = [](auto change) {
    return tampering{.record = [change](turn_record& record, const actor_image&) {
      if (record.items) change(*record.items);
    }};
  };
  return {
      tampered("LosesKeptCells", "KeepsLargeCellsThatAreKept",
               {.record =
                    [](turn_record& record, const actor_image&) {
                      std::erase_if(record.cells, [](const auto& cell) { return cell.kept; });
                    }}),
      tampered("NeverRewritesLargeCells", "MovesCellsThatGrowAndShrink",
               {.record =
                    [](turn_record& record, const actor_image& held) {
                      for (auto& cell : record.cells) {
                        for (const auto& old : held.cells) {
                          if (old.name == cell.name && old.json.size() > 4096 && cell.json.size() < 100)
                            cell.json = old.json;
                        }
                      }
                    }}),
      tampered("WritesLargeCellsOfARefusedRecord", "WritesLargeCellsWithTheirRecordAlone",
               half_applied([](turn_record& half, const turn_record& record) {
                 half.keeps_cells = false;
                 half.cells = record.cells;
               })),
      tampered("SaysOfNoCellThatItStandsApart", "SaysWhichCellsStandApart",
               says_of_cells([](const auto&) { return false; })),
      tampered("SaysOfEveryCellThatItStandsApart", "SaysWhichCellsStandApart",
               says_of_cells([](const auto&) { return true; })),
      tampered("TellsByItsSizeWhereACellStands", "LeavesCellsWhereTheyWereWritten",
               says_of_cells([](const auto& cell) { return cell.json.size() >= 50; })),
      tampered("NeverTrims", "AppendsAndTrimsLogs", changes_logs([](auto& logs) {
                 for (auto& log : logs) log.head.first = log.first_before;
               })),
      tampered("ForgetsEmptyLogs", "AppendsAndTrimsLogs", changes_logs([](auto& logs) {
                 std::erase_if(logs, [](const auto& log) { return log.head.first == log.head.next; });
               })),
      tampered("ReadsUpwardsAlways", "ReadsRangesOfLogs",
               {.log_query = [](auto& query) { query.newest_first = false; }}),
      tampered("ReadsPastThePage", "ReadsRangesOfLogs",
               {.log_query = [](auto& query) { query.bytes_max = 1U << 30U; }}),
      tampered("MixesUpLogs", "KeepsLogsOfDifferentActorsApart",
               {.log_query = [](auto& query) { query.log = query.log.substr(0, 1); }}),
      tampered("AppendsTwice", "AppendsWithTheirRecordAlone",
               half_applied([](turn_record& half, const turn_record& record) { half.logs = record.logs; })),
      tampered("TakesAnyLog", "RejectsImpossibleLogs",
               {.record =
                    [](turn_record& record, const actor_image&) {
                      if (record.logs && record.logs->size() == 1 && record.logs->front().head.name.empty()) {
                        record.logs->front().head.name = "unnamed";
                      }
                    }}),
      tampered("NeverErasesItems", "SetsAndErasesItems", changes_items([](auto& items) { items.erased.clear(); })),
      tampered("ErasesNotAllItems", "SetsAndErasesItems", changes_items([](auto& items) { items.erase_all = false; })),
      tampered("HidesExpiredItems", "SetsAndErasesItems",
               {.items =
                    [](const auto&, auto& result) {
                      std::erase_if(result.items, [](const auto& item) { return item.expires < at_ms(0); });
                    }}),
      tampered("ForgetsWhenItemsExpire", "SetsAndErasesItems",
               changes_items([](auto& items) { items.expire_next.reset(); })),
      tampered("IgnoresThePrefixOfItems", "ReadsItemsByKeyAndPrefix",
               {.item_query = [](auto& query) { query.prefix.clear(); }}),
      tampered("SaysItIsTheEnd", "ReadsItemsByKeyAndPrefix",
               {.items = [](const auto&, auto& result) { result.more = false; }}),
      tampered("SetsItemsOfARefusedRecord", "SetsItemsWithTheirRecordAlone",
               half_applied([](turn_record& half, const turn_record& record) { half.items = record.items; })),
      tampered("KeepsItemsOfTheErased", "SetsItemsWithTheirRecordAlone", outlives_its_actor([](turn_record& record) {
                 if (record.items) record.items->set.push_back({"a", "1", 1, {}});
               })),
      tampered("TakesAnyItem", "RejectsImpossibleItems", changes_items([](auto& items) {
                 for (auto& item : items.set) item.key.resize(std::min<std::size_t>(item.key.size(), 512));
               })),
      broken_class<store_that_ignores_leases>("IgnoresLeases", "ShutsOutAHostWhoseLeaseWasTaken"),
      broken_by("ChecksLeasesTooEarly", "LetsNothingThroughBehindATakenLease",
                [leases = stores::make_memory_disk()](std::shared_ptr<spi::state_store> good) {
                  return std::make_shared<store_that_checks_leases_early>(std::move(good), leases);
                }),
      tampered("GivesLeasesItDoesNotDeclare", "ShutsOutAHostWhoseLeaseWasTaken",
               {.capabilities = [](auto& capabilities) { capabilities.host_leases = false; }}),
      tampered("NamesLeasesBadly", "RefusesLeasesWithoutAName",
               {.lease =
                    [](auto& result) {
                      result.status = spi::read_status::ok;
                      result.epoch = 1;
                    }}),
  };
}

}  // namespace troupe::contract
