#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

#include <troupe/troupe.hpp>

#include "actors/buyer.hpp"
#include "actors/invoice_file.hpp"
#include "actors/seller.hpp"
#include "commands/commands.hpp"
#include "commands/settler.hpp"
#include "console/output_file.hpp"
#include "console/progress.hpp"
#include "console/stopwatch.hpp"
#include "invoices/csv_reader.hpp"
#include "invoices/price.hpp"
#include "invoices/sale_line.hpp"
#include "reports/rejects.hpp"
#include "reports/replay_report.hpp"

namespace marketplace {
namespace {

std::string first_row_of(const sale_line& sale) {
  return "line " + std::to_string(sale.line) + ": invoice " + sale.invoice + ", stock code " + sale.stock_code + ", " +
         sale.date;
}

}  // namespace

exit_code run(const replay_options& options) {
  const stopwatch watch;
  std::ifstream input(options.file, std::ios::binary);
  if (!input) throw std::runtime_error("cannot read " + options.file);
  output_file json(options.json_file);
  output_file rejects(options.rejects_file);

  troupe::runtime runtime{{.store = options.store}};
  runtime.host<buyer>();
  runtime.host<seller>();
  runtime.host<invoice_file>();

  csv_reader reader(input);
  if (!reader.next()) throw std::runtime_error(options.file + " is empty: not even a header line");
  rejects.write(rejects_header);

  replay_report report;
  settler rows(runtime);
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
        runtime.ref<invoice_file>(invoice_file::the_file).call<&invoice_file::claim>(first_row_of(sale)).get();
      }
      report.totals.add(sale);
      rows.settle(sale);
    }
    shown.update(reader.bytes_read(), note(), watch.elapsed());
  }
  rows.finish();
  shown.finish(note(), watch.elapsed());

  report.turns = runtime.statistics().turns;
  runtime.stop();
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
