#include <algorithm>
#include <cctype>
#include <map>
#include <tuple>

#include "contract/broken_places.hpp"
#include "contract/clause_support.hpp"

namespace troupe::contract {
namespace {

using spi::actor_image;
using spi::load_result;
using spi::turn_record;

template <typename Change>
tampering on_each_load(Change change) {
  return {.loads = [change](std::vector<load_result>& loads) {
    for (load_result& load : loads) change(load.image);
  }};
}

template <typename Change>
tampering on_each_record(Change change) {
  return {.record = [change](turn_record& record, const actor_image& held) { change(record, held); }};
}

std::vector<broken_driver> contents() {
  return {
      tampered("ForgetsReminders", "KeepsAllOfARecord",
               on_each_record([](turn_record& record, const actor_image&) { record.reminders.reset(); })),
      tampered("ForgetsSchemas", "KeepsAllOfARecord", on_each_load([](actor_image& image) {
                 for (auto& cell : image.cells) cell.schema = 1;
               })),
      tampered("ForgetsTheEpoch", "KeepsAllOfARecord", on_each_load([](actor_image& image) { image.epoch = 0; })),
      tampered("MergesCells", "ReplacesCellsAsAWhole", on_each_record([](turn_record& record, const actor_image& held) {
                 if (record.erase) return;
                 for (const auto& old : held.cells) {
                   const auto same = [&](const auto& cell) { return cell.name == old.name; };
                   if (std::none_of(record.cells.begin(), record.cells.end(), same)) record.cells.push_back(old);
                 }
                 std::sort(record.cells.begin(), record.cells.end(),
                           [](const auto& a, const auto& b) { return a.name < b.name; });
               })),
      tampered("EndsRemindersThatAreNotMentioned", "KeepsRemindersThatARecordDoesNotMention",
               on_each_record([](turn_record& record, const actor_image&) {
                 if (!record.erase && !record.reminders) record.reminders.emplace();
               })),
      tampered("KeepsDroppedRequests", "AddsAndDropsRequests",
               on_each_record([](turn_record& record, const actor_image&) { record.requests_dropped.clear(); })),
      tampered("SortsRequestsByKey", "AddsAndDropsRequests", on_each_load([](actor_image& image) {
                 std::sort(image.requests.begin(), image.requests.end(),
                           [](const auto& a, const auto& b) { return a.key < b.key; });
               })),
      tampered("EmptiesTheErased", "ErasesEverything", on_each_record([](turn_record& record, const actor_image& held) {
                 if (record.erase) record.reminders.emplace();
                 record.erase = record.erase && held.stamp.version == 0;
               })),
      tampered("CutsKeysAtANul", "KeepsHostileKeysApart", on_each_record([](turn_record& record, const actor_image&) {
                 record.actor.key = record.actor.key.c_str();
               })),
      tampered("FoldsTheCaseOfKeys", "KeepsHostileKeysApart",
               on_each_record([](turn_record& record, const actor_image&) {
                 for (char& c : record.actor.key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
               })),
      tampered("ReencodesJson", "KeepsHostileNamesAndValues", on_each_load([](actor_image& image) {
                 for (auto& cell : image.cells) std::erase(cell.json, ' ');
               })),
      tampered("KeepsNumbersAsDoubles", "KeepsExtremeNumbers", on_each_load([](actor_image& image) {
                 image.stamp.version = static_cast<std::uint64_t>(static_cast<double>(image.stamp.version));
               })),
      tampered("AnswersLoadsSorted", "AnswersLoadsInTheirOrder",
               {.loads =
                    [](std::vector<load_result>& loads) {
                      std::sort(loads.begin(), loads.end(),
                                [](const auto& a, const auto& b) { return a.image.actor < b.image.actor; });
                    }}),
  };
}

std::vector<broken_driver> lists() {
  return {
      tampered("ListsByKeyAlone", "ListsByTypeThenKey",
               {.list =
                    [](const spi::list_query&, std::vector<actor_image>& actors) {
                      std::stable_sort(actors.begin(), actors.end(),
                                       [](const auto& a, const auto& b) { return a.actor.key < b.actor.key; });
                    }}),
      tampered("IgnoresThePrefix", "ListsOnlyWhatWasAskedFor",
               {.list_query = [](spi::list_query& query) { query.key_prefix.clear(); }}),
      tampered("IgnoresTheType", "ListsOnlyWhatWasAskedFor",
               {.list_query = [](spi::list_query& query) { query.type.clear(); }}),
      tampered("RepeatsTheCursor", "PagesThroughTheList",
               {.list_query =
                    [](spi::list_query& query) {
                      if (query.after) query.after->key.pop_back();
                    }}),
      tampered("StartsOverBehindAnAbsentActor", "ContinuesAListBehindAnyActor",
               {.list_query =
                    [](spi::list_query& query) {
                      if (query.after && (query.after->key == "aaa" || query.after->key == "zz")) query.after.reset();
                    }}),
      tampered("ListsNoReminders", "ListsAllButRequests",
               {.list =
                    [](const spi::list_query&, std::vector<actor_image>& actors) {
                      for (auto& actor : actors) actor.reminders.clear();
                    }}),
      tampered("LeavesOutWhatIsDueRightNow", "ScansWhatIsDueInOrder",
               {.due_query = [](spi::due_query& query) { query.until -= std::chrono::milliseconds(1); }}),
      tampered("SkipsTheRestOfATie", "PagesThroughWhatIsDue",
               {.due_query =
                    [](spi::due_query& query) {
                      if (query.after) query.after->actor = {"zzz", ""};
                    }}),
      tampered("ContinuesPastATimeWithoutAnActor", "ContinuesAScanBehindAnyTime",
               {.due_query =
                    [](spi::due_query& query) {
                      if (query.after && query.after->actor.type.empty()) query.after->actor = {"zzz", ""};
                    }}),
      tampered("KeepsTheFirstDueTime", "FollowsRemindersAsTheyChange",
               {.due =
                    [first = std::make_shared<std::map<actor_id, wall_time>>()](const spi::due_query&,
                                                                                std::vector<spi::due_actor>& actors) {
                      for (auto& due : actors) due.due = first->try_emplace(due.actor, due.due).first->second;
                    }}),
  };
}

}  // namespace

std::vector<broken_driver> drivers_that_read_wrongly() {
  std::vector<broken_driver> all = contents();
  const auto more = lists();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace troupe::contract
