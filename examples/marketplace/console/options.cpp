#include "console/options.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <system_error>

#include <CLI/CLI.hpp>

#include "invoices/sale_line.hpp"

namespace marketplace {
namespace {

constexpr const char* epilogue = R"(
Stores:
  memory:        forgets everything at the end
  sqlite:PATH    keeps everything in the file PATH, which is made when it does not exist;
                 with ?synchronous=normal behind it, a power cut may cost the last moments, but all is faster
  redis://[user[:password]@]host[:port][/database]     a Redis server or cluster
  postgresql://[user[:password]@]host[:port]/database  a schema "troupe" of a PostgreSQL database, libpq's form
  dynamodb://access-key:secret-key@host[:port]/table?region=...   cosmos://account-key@host[:port]/database/container
                 the two of the cloud; &tls=off for an emulator, &create=on to have the table made
  Pages 12 to 15 of the guide tell what each needs, and what is durable when.

A run that was cut off, even by SIGKILL, is started again with the same command: it ends as if never cut off.

Exit codes:
  0  done, and everything adds up
  1  it could not be done, or something does not add up
  2  the command line is wrong; nothing was done

Examples:
  marketplace replay --store sqlite:market.db --rejects rejects.csv
  marketplace audit --store sqlite:market.db --json audit.json
  marketplace history seller 85123A --store sqlite:market.db --newest 10
  marketplace negotiate --buyers 100 --sellers 500 --rounds 20)";

std::string check_durable_store_uri(const std::string& uri) {
  if (uri.starts_with("memory:"))
    return "memory: keeps nothing from one run to the next; name the store of a former run";
  return {};
}

std::string check_key(const std::string& key) {
  if (!key.empty() && key.size() <= id_bytes_max) return {};
  return "a key has 1 to " + std::to_string(id_bytes_max) + " bytes, not " + std::to_string(key.size());
}

std::string check_regular_file(const std::string& file) {
  std::error_code failure;
  if (std::filesystem::is_regular_file(file, failure)) return {};
  return file + " is no regular file; invoices are read twice, so save them to a file first";
}

// CLI11 would read 010 as octal. Takes the leading zeros off.
std::string make_decimal(std::string& text) {
  const bool is_decimal = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (!is_decimal) return "\"" + text + "\" is no integer in decimal digits";
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
  return {};
}

std::string check_seed(const std::string& text) {
  std::uint64_t seed = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, seed);
  if (failure == std::errc{} && stop == end) return {};
  return "\"" + text + "\" is no integer from 0 to 18446744073709551615";
}

CLI::Option* add_store(CLI::App& app, std::string& store) {
  return app.add_option("--store", store, "where the actors are kept")->type_name("URI")->capture_default_str();
}

void add_json(CLI::App& app, std::string& file) {
  app.add_option("--json", file, "write the result as JSON to this file")->type_name("FILE");
}

void add_count(CLI::App& app, const std::string& name, std::int64_t& count, std::int64_t most,
               const std::string& what) {
  app.add_option(name, count, what)
      ->check(CLI::Range(std::int64_t{1}, most))
      ->transform(CLI::Validator(make_decimal, ""))
      ->capture_default_str();
}

void describe(CLI::App& app, negotiate_options& options) {
  app.description(
      "Buyers and sellers negotiate in ten steps: from a quote over a counter-offer to payment and delivery, or to\n"
      "compensation when one of them fails. Ends by checking that money and goods are conserved.\n"
      "Rounds are numbered: on a store that has seen some, only the missing ones are run.");
  add_count(app, "--buyers", options.buyers, 100'000, "how many buyers");
  add_count(app, "--sellers", options.sellers, 100'000, "how many sellers");
  add_count(app, "--rounds", options.rounds, 1'000'000, "how often every buyer goes shopping");
  app.add_option("--seed", options.seed, "makes the market: tastes, budgets, prices and luck")
      ->check(check_seed)
      ->transform(CLI::Validator(make_decimal, ""))
      ->capture_default_str();
  add_store(app, options.store);
  add_json(app, options.json_file);
}

void describe(CLI::App& app, replay_options& options) {
  app.description(
      "Settles every row of an invoice file between the buyer (the customer) and the seller (the stock code).\n"
      "Every row takes effect exactly once in a store, however often the command is run or cut off.");
  app.add_option("file", options.file, "invoices as CSV (default: the bundled ones)")
      ->type_name("FILE.csv")
      ->check(CLI::ExistingFile.description(""))
      ->check(check_regular_file);
  add_store(app, options.store);
  add_json(app, options.json_file);
  app.add_option("--rejects", options.rejects_file, "write rejected rows with line number and reason to this file")
      ->type_name("FILE");
}

void describe(CLI::App& app, audit_options& options) {
  app.description("Reads the stored actors back and prints the totals of buyers and sellers, which must be equal.");
  add_store(app, options.store)->check(check_durable_store_uri)->required();
  add_json(app, options.json_file);
}

void describe(CLI::App& app, history_options& options) {
  app.description(
      "Shows what a buyer bought, or a seller sold, the newest first. Reads the entries it shows, however long the\n"
      "history is.");
  app.add_option("side", options.side, "buyer or seller")
      ->type_name("buyer|seller")
      ->check(CLI::IsMember({"buyer", "seller"}).description(""))
      ->required();
  app.add_option("key", options.key, "customer id or stock code; buyer-1, seller-1 and so on in the negotiation")
      ->type_name("KEY")
      ->check(check_key)
      ->required();
  add_count(app, "--newest", options.newest, 1'000'000, "how many entries, at most");
  app.add_option("--from", options.from, "begin with the entry of this number, not with the newest")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000'000'000'000}).description(""))
      ->transform(CLI::Validator(make_decimal, ""))
      ->type_name("NUMBER");
  add_store(app, options.store)->check(check_durable_store_uri)->required();
  add_json(app, options.json_file);
}

}  // namespace

command parse_command_line(int argc, const char* const* argv, const std::string& bundled_file) {
  negotiate_options negotiate;
  replay_options replay;
  replay.file = bundled_file;
  audit_options audit;
  history_options history;

  CLI::App app("Buyers and sellers as durable actors: a marketplace on real invoices.", "marketplace");
  app.require_subcommand(0, 1);
  app.footer(epilogue);
  CLI::App* const negotiate_command = app.add_subcommand("negotiate");
  CLI::App* const replay_command = app.add_subcommand("replay");
  CLI::App* const audit_command = app.add_subcommand("audit");
  CLI::App* const history_command = app.add_subcommand("history");
  describe(*negotiate_command, negotiate);
  describe(*replay_command, replay);
  describe(*audit_command, audit);
  describe(*history_command, history);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    std::ostringstream help;
    std::ostringstream errors;
    const bool is_usage_error = app.exit(stop, help, errors) != 0;
    return is_usage_error ? nothing_to_run{exit_usage, errors.str()} : nothing_to_run{exit_ok, help.str()};
  }
  if (*negotiate_command) return negotiate;
  if (*replay_command) return replay;
  if (*audit_command) return audit;
  if (*history_command) return history;
  return nothing_to_run{exit_usage, "a command is needed: negotiate, replay, audit or history\n" + app.help()};
}

}  // namespace marketplace
