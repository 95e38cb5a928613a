#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <troupe/troupe.hpp>

#include "actors/buyer.hpp"
#include "actors/claim.hpp"
#include "actors/invoice_file.hpp"
#include "actors/seller.hpp"
#include "commands/caller_pool.hpp"
#include "commands/claim_store.hpp"
#include "commands/commands.hpp"
#include "commands/settler.hpp"
#include "console/output_file.hpp"
#include "console/progress.hpp"
#include "console/run_files.hpp"
#include "console/stopwatch.hpp"
#include "invoices/content_mark.hpp"
#include "invoices/csv_reader.hpp"
#include "invoices/header.hpp"
#include "invoices/price.hpp"
#include "invoices/sale_line.hpp"
#include "reports/rejects.hpp"
#include "reports/replay_report.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

// A file is known by its first accepted row, so one that has grown, or was cut short, is the same file.
std::string name_of_file(const sale_line& first) {
  return "the replay of a file whose first sale is line " + std::to_string(first.line) + ": invoice " +
         printable(first.invoice) + ", stock code " + printable(first.stock_code) + ", " + first.date;
}

std::ifstream open_invoices(const std::string& file) {
  std::ifstream input(file, std::ios::binary);
  if (!input) throw std::runtime_error("cannot read " + printable(file));
  return input;
}

std::uint64_t size_of(const std::string& file) {
  std::error_code failure;
  const std::uintmax_t bytes = std::filesystem::file_size(file, failure);
  if (failure) throw std::runtime_error("cannot read " + printable(file) + ": " + failure.message());
  return bytes;
}

// Rows are known by their lines: a store that was filled from a file takes no other content, unless rows were appended.
boost::asio::awaitable<void> claim_content(caller_pool& callers, troupe::actor_ref<invoice_file> stored,
                                           std::string file) {
  const content_mark known = co_await callers.call([&] { return stored.call<&invoice_file::look>(); });
  std::ifstream input = open_invoices(file);
  const measured_content found = measure(input, known.bytes);
  if (known.bytes > 0 && found.beginning != known) {
    throw std::runtime_error("the store was filled from invoices of " + std::to_string(known.bytes) + " bytes, and " +
                             printable(file) + " (" + std::to_string(found.whole.bytes) +
                             " bytes) does not begin with them: rows that were changed would not be settled again; "
                             "nothing was done. Name a new --store for this file");
  }
  co_await callers.call([&] { return stored.call<&invoice_file::grow>(known, found.whole); });
}

void claim_store_for(caller_pool& callers, troupe::runtime& runtime, const std::string& file, const sale_line& first) {
  claim_store(callers, runtime, claim::of_replay, name_of_file(first));
  callers.start(claim_content(callers, runtime.ref<invoice_file>(invoice_file::of_replay), file));
  callers.finish();
}

// Also turns a sum that 64 bits do not hold into a message that says where.
void count(replay_totals& totals, const sale_line& sale, const std::string& file) {
  try {
    totals.add(sale);
  } catch (const std::overflow_error& failure) {
    throw std::runtime_error(printable(file) + ", line " + std::to_string(sale.line) + ": " + failure.what());
  }
}

void take_header(csv_reader& reader, const std::string& file) {
  const auto header = reader.next();
  if (!header) throw std::runtime_error(printable(file) + " is empty: not even a header line");
  const std::string problem = problem_of_header(*header);
  if (!problem.empty()) throw std::runtime_error(printable(file) + " " + problem);
}

}  // namespace

exit_code run(const replay_options& options) {
  const stopwatch watch;
  check_distinct({options.store, options.file, options.json_file, options.rejects_file});
  std::ifstream input = open_invoices(options.file);
  csv_reader reader(input);
  take_header(reader, options.file);
  output_file json(options.json_file);
  output_file rejects(options.rejects_file);

  caller_pool callers;
  troupe::runtime runtime{{.store = options.store}};
  runtime.host<buyer>();
  runtime.host<seller>();
  runtime.host<claim>();
  runtime.host<invoice_file>();

  rejects.write(rejects_header);

  replay_report report;
  settler rows(callers, runtime);
  progress shown(std::cerr, style_of_stderr(), "replay", size_of(options.file));
  const auto note = [&] { return format_count(report.totals.rows) + " rows"; };

  while (const auto record = reader.next()) {
    const auto checked = check_row(*record);
    if (const auto* rejected = std::get_if<rejected_row>(&checked)) {
      report.totals.add(*rejected);
      rejects.write(to_csv(*rejected));
      if (report.first_reject.empty()) {
        report.first_reject = "line " + std::to_string(rejected->line) + ": " + rejected->reason;
      }
    } else {
      const sale_line& sale = std::get<sale_line>(checked);
      if (report.totals.accepted == 0) claim_store_for(callers, runtime, options.file, sale);
      count(report.totals, sale, options.file);
      rows.settle(sale);
    }
    shown.update(reader.bytes_read(), note(), watch.elapsed());
  }
  callers.finish();
  shown.finish(note(), watch.elapsed());

  report.turns = runtime.counters().turns;
  runtime.shutdown();
  report.seconds = watch.seconds();
  rejects.commit();
  json.write(to_json_text(report));
  json.commit();
  std::cout << to_text(report);
  if (rows.settled_before() > 0) {
    std::cout << format_count(rows.settled_before()) << " rows had been settled by an earlier run\n";
  }
  return exit_ok;
}

}  // namespace marketplace
