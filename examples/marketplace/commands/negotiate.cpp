#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <troupe/troupe.hpp>

#include "actors/buyer.hpp"
#include "actors/seller.hpp"
#include "commands/commands.hpp"
#include "console/output_file.hpp"
#include "console/progress.hpp"
#include "console/stopwatch.hpp"
#include "negotiation/market.hpp"
#include "reports/negotiation_report.hpp"

namespace marketplace {
namespace {

// Sends every buyer through its rounds: one round at a time per buyer, all buyers at once.
class shopping_day {
 public:
  shopping_day(troupe::runtime& runtime, negotiation_report& report, progress& shown, const stopwatch& watch)
      : runtime_(runtime), report_(report), shown_(shown), watch_(watch) {}

  void run() {
    for (std::int64_t number = 1; number <= report_.buyers; ++number) send(market::buyer_key(number), 1);
    answers_.run();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void send(const std::string& key, std::int64_t round) {
    runtime_.ref<buyer>(key).call<&buyer::negotiate>(round)(
        boost::asio::bind_executor(answers_, [this, key, round](std::exception_ptr failure, round_result result) {
          if (failure) {
            failure_ = failure;
            return;
          }
          if (!result.was_over) ++report_.ended[result.ended];
          shown_.update(++rounds_done_, "round " + std::to_string(round), watch_.elapsed());
          if (round < report_.rounds && !failure_) send(key, round + 1);
        }));
  }

  troupe::runtime& runtime_;
  negotiation_report& report_;
  progress& shown_;
  const stopwatch& watch_;
  boost::asio::io_context answers_;
  std::exception_ptr failure_;
  std::uint64_t rounds_done_ = 0;
};

void open_market(troupe::runtime& runtime, const market& place) {
  for (std::int64_t number = 1; number <= place.sellers; ++number) {
    const std::string key = market::seller_key(number);
    runtime.ref<seller>(key).call<&seller::open>(place.stock_shop(key)).get();
  }
  for (std::int64_t number = 1; number <= place.buyers; ++number) {
    const std::string key = market::buyer_key(number);
    runtime.ref<buyer>(key).call<&buyer::enter>(place.equip_shopper(key)).get();
  }
}

conservation ask_all(troupe::runtime& runtime, const market& place) {
  conservation sum;
  for (std::int64_t number = 1; number <= place.sellers; ++number) {
    sum.add(runtime.ref<seller>(market::seller_key(number)).call<&seller::look>().get());
  }
  for (std::int64_t number = 1; number <= place.buyers; ++number) {
    sum.add(runtime.ref<buyer>(market::buyer_key(number)).call<&buyer::look>().get());
  }
  return sum;
}

}  // namespace

exit_code run(const negotiate_options& options) {
  const stopwatch watch;
  output_file json(options.json_file);
  troupe::runtime runtime{{.store = options.store}};
  runtime.host<buyer>();
  runtime.host<seller>();

  negotiation_report report{
      .buyers = options.buyers, .sellers = options.sellers, .rounds = options.rounds, .seed = options.seed};
  const market place{options.seed, options.buyers, options.sellers};
  const auto total = static_cast<std::uint64_t>(options.buyers) * static_cast<std::uint64_t>(options.rounds);
  progress shown(std::cerr, style_of_stderr(), "negotiate", total);

  open_market(runtime, place);
  shopping_day(runtime, report, shown, watch).run();
  shown.finish("all rounds", watch.elapsed());
  report.market = ask_all(runtime, place);

  report.turns = runtime.statistics().turns;
  runtime.stop();
  report.seconds = watch.seconds();
  json.write(to_json_text(report));
  json.commit();
  std::cout << to_text(report);
  return report.market.holds() ? exit_ok : exit_failure;
}

}  // namespace marketplace
