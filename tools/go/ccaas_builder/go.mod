module hlf/tools/ccaas_builder

go 1.25
