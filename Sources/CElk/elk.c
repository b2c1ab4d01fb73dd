#include "CElk.h"

// The files are in the binary, so that it can set up a server wherever it runs. A file that is new is entered here; a test
// compares with the folder.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const struct cdb_elk_file files[] = {
    {"lifecycle-policies/logs-cdb.json", (const unsigned char[]){
#embed "../../elk/lifecycle-policies/logs-cdb.json"
     , 0}},
    {"ingest-pipelines/logs-cdb@pipeline.json", (const unsigned char[]){
#embed "../../elk/ingest-pipelines/logs-cdb@pipeline.json"
     , 0}},
    {"component-templates/logs-cdb@mappings.json", (const unsigned char[]){
#embed "../../elk/component-templates/logs-cdb@mappings.json"
     , 0}},
    {"component-templates/logs-cdb@settings.json", (const unsigned char[]){
#embed "../../elk/component-templates/logs-cdb@settings.json"
     , 0}},
    {"index-templates/logs-cdb.json", (const unsigned char[]){
#embed "../../elk/index-templates/logs-cdb.json"
     , 0}},
    {"kibana/cdb.ndjson", (const unsigned char[]){
#embed "../../elk/kibana/cdb.ndjson"
     , 0}},
};

size_t cdb_elk_file_count(void) { return sizeof files / sizeof files[0]; }

struct cdb_elk_file cdb_elk_file(size_t place) { return files[place]; }
