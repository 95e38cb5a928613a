#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

#include <troupe/troupe.hpp>

#include "actors/buyer.hpp"
#include "actors/claim.hpp"
#include "actors/seller.hpp"
#include "commands/caller_pool.hpp"
#include "commands/claim_store.hpp"
#include "commands/commands.hpp"
#include "commands/settler.hpp"
#include "console/output_file.hpp"
#include "console/progress.hpp"
#include "console/run_files.hpp"
#include "console/stopwatch.hpp"
#include "invoices/csv_reader.hpp"
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

}  // namespace

exit_code run(const replay_options& options) {
  const stopwatch watch;
  check_distinct({options.store, options.file, options.json_file, options.rejects_file});
  std::ifstream input(options.file, std::ios::binary);
  if (!input) throw std::runtime_error("cannot read " + options.file);
  output_file json(options.json_file);
  output_file rejects(options.rejects_file);

  caller_pool callers;
  troupe::runtime runtime{{.store = options.store}};
  runtime.host<buyer>();
  runtime.host<seller>();
  runtime.host<claim>();

  csv_reader reader(input);
  if (!reader.next()) throw std::runtime_error(options.file + " is empty: not even a header line");
  rejects.write(rejects_header);

  replay_report report;
  settler rows(callers, runtime);
  progress shown(std::cerr, style_of_stderr(), "replay", std::filesystem::file_size(options.file));
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
      if (report.totals.accepted == 0) {
        claim_store(callers, runtime, claim::of_replay, name_of_file(sale));
      }
      report.totals.add(sale);
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
