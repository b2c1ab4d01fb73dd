#include "CPlaybooks.h"

// The pages are in the binary, so that a run can show them wherever it runs. A page that is new is entered here; a test
// compares with the folder.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const struct cdb_playbook playbooks[] = {
    {"README", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/README.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/README.md"
     , 0}},
    {"abnormal_slippage", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/abnormal_slippage.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/abnormal_slippage.md"
     , 0}},
    {"abnormal_spread", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/abnormal_spread.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/abnormal_spread.md"
     , 0}},
    {"arithmetic_overflow", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/arithmetic_overflow.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/arithmetic_overflow.md"
     , 0}},
    {"below_minimum_notional", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/below_minimum_notional.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/below_minimum_notional.md"
     , 0}},
    {"block_ended", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/block_ended.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/block_ended.md"
     , 0}},
    {"bus_failed", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/bus_failed.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/bus_failed.md"
     , 0}},
    {"canary_late", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/canary_late.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/canary_late.md"
     , 0}},
    {"check-db_consistency", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/check-db_consistency.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/check-db_consistency.md"
     , 0}},
    {"check-event_flow", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/check-event_flow.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/check-event_flow.md"
     , 0}},
    {"check-logs", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/check-logs.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/check-logs.md"
     , 0}},
    {"check-risk_layer", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/check-risk_layer.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/check-risk_layer.md"
     , 0}},
    {"check-smoke", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/check-smoke.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/check-smoke.md"
     , 0}},
    {"check_expired", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/check_expired.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/check_expired.md"
     , 0}},
    {"check_unavailable", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/check_unavailable.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/check_unavailable.md"
     , 0}},
    {"clock_jump", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/clock_jump.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/clock_jump.md"
     , 0}},
    {"drawdown_daily", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/drawdown_daily.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/drawdown_daily.md"
     , 0}},
    {"drawdown_total", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/drawdown_total.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/drawdown_total.md"
     , 0}},
    {"errors_logged", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/errors_logged.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/errors_logged.md"
     , 0}},
    {"exposure_limit", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/exposure_limit.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/exposure_limit.md"
     , 0}},
    {"feed_failed", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/feed_failed.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/feed_failed.md"
     , 0}},
    {"fill_out_of_bounds", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/fill_out_of_bounds.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/fill_out_of_bounds.md"
     , 0}},
    {"flow_imbalance", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/flow_imbalance.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/flow_imbalance.md"
     , 0}},
    {"frozen_prices", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/frozen_prices.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/frozen_prices.md"
     , 0}},
    {"gate_closed", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/gate_closed.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/gate_closed.md"
     , 0}},
    {"gate_tripped", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/gate_tripped.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/gate_tripped.md"
     , 0}},
    {"gate_verifying", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/gate_verifying.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/gate_verifying.md"
     , 0}},
    {"incident_open", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/incident_open.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/incident_open.md"
     , 0}},
    {"kill_switch", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/kill_switch.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/kill_switch.md"
     , 0}},
    {"log_path_silent", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/log_path_silent.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/log_path_silent.md"
     , 0}},
    {"no_fill", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/no_fill.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/no_fill.md"
     , 0}},
    {"no_order", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/no_order.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/no_order.md"
     , 0}},
    {"no_signal", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/no_signal.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/no_signal.md"
     , 0}},
    {"order_rate_limit", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/order_rate_limit.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/order_rate_limit.md"
     , 0}},
    {"probe_lost", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/probe_lost.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/probe_lost.md"
     , 0}},
    {"probe_refused", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/probe_refused.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/probe_refused.md"
     , 0}},
    {"process_held_up", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/process_held_up.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/process_held_up.md"
     , 0}},
    {"process_lost", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/process_lost.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/process_lost.md"
     , 0}},
    {"restart", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/restart.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/restart.md"
     , 0}},
    {"risk_self_test_failed", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/risk_self_test_failed.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/risk_self_test_failed.md"
     , 0}},
    {"silent_feed", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/silent_feed.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/silent_feed.md"
     , 0}},
    {"stage_failed", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/stage_failed.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/stage_failed.md"
     , 0}},
    {"stale_data", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/stale_data.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/stale_data.md"
     , 0}},
    {"stalled", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/stalled.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/stalled.md"
     , 0}},
    {"stop_loss", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/stop_loss.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/stop_loss.md"
     , 0}},
    {"stop_unverified", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/stop_unverified.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/stop_unverified.md"
     , 0}},
    {"store_inconsistent", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/store_inconsistent.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/store_inconsistent.md"
     , 0}},
    {"undecodable_frames", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/undecodable_frames.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/undecodable_frames.md"
     , 0}},
    {"zero_activity", (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/zero_activity.md"
     , 0}, (const unsigned char[]){
#embed "../../docs/04_incident-management/playbooks/de/zero_activity.md"
     , 0}},
};

size_t cdb_playbook_count(void) { return sizeof playbooks / sizeof playbooks[0]; }

struct cdb_playbook cdb_playbook(size_t place) { return playbooks[place]; }
