#include <cstdint>
#include <iostream>
#include <string>

#include <troupe/troupe.hpp>

#include "actors/buyer.hpp"
#include "actors/claim.hpp"
#include "actors/clerk.hpp"
#include "actors/deal_settlement.hpp"
#include "actors/seller.hpp"
#include "commands/caller_pool.hpp"
#include "commands/claim_store.hpp"
#include "commands/commands.hpp"
#include "commands/market_days.hpp"
#include "console/output_file.hpp"
#include "console/progress.hpp"
#include "console/run_files.hpp"
#include "console/stopwatch.hpp"
#include "negotiation/market.hpp"
#include "reports/negotiation_report.hpp"

namespace marketplace {
namespace {

std::string name_of_market(const market& place) {
  return "a market of " + std::to_string(place.buyers) + " buyers and " + std::to_string(place.sellers) +
         " sellers with seed " + std::to_string(place.seed);
}

}  // namespace

exit_code run(const negotiate_options& options) {
  const stopwatch watch;
  check_distinct({.store = options.store, .json = options.json_file});
  output_file json(options.json_file);
  caller_pool callers;
  troupe::runtime runtime{{.store = options.store}};
  runtime.host<buyer>();
  runtime.host<seller>();
  runtime.host<deal_settlement>();
  runtime.host<clerk>();
  runtime.host<claim>();

  negotiation_report report{
      .buyers = options.buyers, .sellers = options.sellers, .rounds = options.rounds, .seed = options.seed};
  const market place{options.seed, options.buyers, options.sellers};
  progress shown(std::cerr, style_of_stderr(), "negotiate",
                 static_cast<std::uint64_t>(options.rounds * options.buyers));
  std::uint64_t served = 0;

  claim_store(callers, runtime, claim::of_negotiation, name_of_market(place));
  market_days days(callers, runtime, place);
  days.open();
  for (std::int64_t round = 1; round <= options.rounds; ++round) {
    const std::string note = "round " + std::to_string(round);
    days.run_round(round, [&] { shown.update(++served, note, watch.elapsed()); });
  }
  shown.finish("all rounds", watch.elapsed());
  report.market = days.sum_up();

  report.turns = runtime.counters().turns;
  runtime.shutdown();
  report.seconds = watch.seconds();
  json.write(to_json_text(report));
  json.commit();
  std::cout << to_text(report);
  return report.market.holds() ? exit_ok : exit_failure;
}

}  // namespace marketplace
