#include <algorithm>
#include <map>

#include "contract/broken_places.hpp"
#include "contract/clause_support.hpp"

namespace troupe::contract {
namespace {

using spi::actor_image;
using spi::commit_result;
using spi::commit_status;
using spi::turn_record;

void write_behind(spi::state_store& store, const turn_record& record) {
  store.async_commit(std::span(&record, 1), [](std::vector<commit_result> /*whatever*/) {});
}

/// A record that leaves an actor as it is, on top of what is held.
turn_record rewrite(const actor_image& held, const spi::commit_stamp& next) {
  turn_record record;
  record.actor = held.actor;
  record.epoch = held.epoch;
  record.expected = held.stamp;
  record.next = next;
  record.cells = held.cells;
  return record;
}

std::vector<broken_driver> fences() {
  return {
      tampered("IgnoresTheStamp", "RefusesAWrongVersion",
               {.record =
                    [](turn_record& record, const actor_image& held) {
                      if (held.stamp != record.next) record.expected = held.stamp;
                    }}),
      tampered("IgnoresTheWriter", "RefusesAWrongWriter",
               {.record =
                    [](turn_record& record, const actor_image& held) {
                      if (held.stamp.version == record.expected.version) record.expected.writer = held.stamp.writer;
                    }}),
      tampered("ComparesVersionsAlone", "RefusesAnOldStampAfterARebirth",
               {.record =
                    [](turn_record& record, const actor_image& held) {
                      if (held.stamp.version == record.expected.version) record.expected = held.stamp;
                    }}),
      tampered("ToleratesGapsInVersions", "RefusesAWrongVersion",
               {.record =
                    [](turn_record& record, const actor_image& held) {
                      if (held.stamp.version < record.expected.version) record.expected = held.stamp;
                    }}),
      tampered("RefusesEveryUpdate", "UpdatesAnActorWhoseStampMatches",
               {.record = [](turn_record& record, const actor_image&) { record.expected = {}; }}),
      tampered("InsertsOverWhatExists", "RefusesToInsertWhatExists",
               {.after =
                    [](spi::state_store& good, const turn_record& record, const actor_image& held,
                       const commit_result& result) {
                      if (record.expected.version != 0 || result.status != commit_status::conflict) return;
                      auto gone = erasure(record.actor, held.stamp, {held.stamp.version + 1, 99});
                      gone.epoch = held.epoch;
                      write_behind(good, gone);
                      write_behind(good, record);
                    }}),
      tampered("ResurrectsTheErased", "RefusesToUpdateWhatDoesNotExist",
               {.record =
                    [](turn_record& record, const actor_image& held) {
                      if (held.stamp.version == 0 && !record.erase) record.expected = {};
                    }}),
      tampered("IgnoresTheEpoch", "RefusesALowerEpoch",
               {.record = [](turn_record& record,
                             const actor_image& held) { record.epoch = std::max(record.epoch, held.epoch); }}),
      tampered("ComparesEpochsWithSign", "RefusesALowerEpoch",
               {.record =
                    [](turn_record& record, const actor_image& held) {
                      if (static_cast<std::int64_t>(held.epoch) < 0) record.epoch = held.epoch;
                    }}),
  };
}

std::vector<broken_driver> repetitions() {
  return {
      tampered("InsertsNothing", "InsertsAnActorThatIsNotThere",
               {.record = [](turn_record& record, const actor_image&) { record.cells.clear(); }}),
      tampered("RefusesRepetitions", "ReportsARepeatedRecordAsCommitted",
               {.result =
                    [](const turn_record& record, const actor_image& held, commit_result& result) {
                      if (held.stamp == record.next) result = {commit_status::conflict, "seen before"};
                    }}),
      tampered(
          "AppliesRepetitions", "DoesNotApplyARepeatedRecordAgain",
          {.after =
               [](spi::state_store& good, const turn_record& record, const actor_image& held, const commit_result&) {
                 if (held.stamp != record.next) return;
                 write_behind(good, erasure(record.actor, held.stamp, {held.stamp.version + 1, 99}));
                 write_behind(good, record);
               }}),
      tampered("RefusesRepeatedErasures", "ReportsARepeatedErasureAsCommitted",
               {.result =
                    [](const turn_record& record, const actor_image& held, commit_result& result) {
                      if (record.erase && held.stamp.version == 0) result = {commit_status::conflict, "gone"};
                    }}),
      tampered("TakesAnyErasureForARepeatedOne", "ReportsARepeatedErasureAsCommitted",
               {.result =
                    [](const turn_record& record, const actor_image& held, commit_result& result) {
                      if (record.erase && held.stamp.version == 0) result = {commit_status::committed, ""};
                    }}),
  };
}

std::vector<broken_driver> batches() {
  return {
      tampered("AppliesRequestsOfARefusedRecord", "LeavesNoTraceOfARefusedRecord",
               {.after =
                    [](spi::state_store& good, const turn_record& record, const actor_image& held,
                       const commit_result& result) {
                      if (result.status != commit_status::conflict || held.stamp.version == 0) return;
                      // Away and back again: only the requests differ.
                      auto half = rewrite(held, {held.stamp.version + 1, 99});
                      half.requests_added = record.requests_added;
                      write_behind(good, half);
                    }}),
      tampered(
          "FailsABatchAsAWhole", "JudgesEachRecordOfABatchByItself",
          {.results =
               [](std::vector<commit_result>& results) {
                 const auto lost = [](const commit_result& result) { return result.status == commit_status::conflict; };
                 if (std::any_of(results.begin(), results.end(), lost)) {
                   std::fill(results.begin(), results.end(), commit_result{commit_status::conflict, "seller/bolt"});
                 }
               }}),
      tampered("ReportsInAnotherOrder", "JudgesEachRecordOfABatchByItself",
               {.results =
                    [](std::vector<commit_result>& results) {
                      std::rotate(results.begin(), results.begin() + (results.empty() ? 0 : 1), results.end());
                    }}),
      tampered("LosesTheEndOfALargeBatch", "TakesTheLargestBatch",
               {.results =
                    [](std::vector<commit_result>& results) {
                      for (std::size_t i = 500; i < results.size(); ++i)
                        results[i] = {commit_status::rejected, "too many"};
                    }}),
      tampered("HasNoLimit", "RejectsARecordOverTheLimit", {}, 2 * record_bytes_max),
      tampered("HasALimitOneByteLower", "AcceptsARecordAtTheLimit", {}, record_bytes_max - 1),
  };
}

}  // namespace

std::vector<broken_driver> drivers_that_commit_wrongly() {
  std::vector<broken_driver> all = fences();
  for (const auto& part : {repetitions(), batches()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace troupe::contract
