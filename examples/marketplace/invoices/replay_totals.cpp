#include "invoices/replay_totals.hpp"

#include "invoices/checked_sum.hpp"

namespace marketplace {

void replay_totals::add(const sale_line& sale) {
  const std::int64_t units_after = checked_sum(units, sale.quantity);
  const std::int64_t revenue_after = checked_sum(revenue_pence, sale.amount_pence());
  buyers.insert(sale.customer);
  sellers.insert(sale.stock_code);
  ++rows;
  ++accepted;
  ++(sale.is_return ? returns : sales);
  units = units_after;
  revenue_pence = revenue_after;
}

void replay_totals::add(const rejected_row& /*row*/) {
  ++rows;
  ++rejected;
}

}  // namespace marketplace
