include(GNUInstallDirs)
install(TARGETS wardex-gateway RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES config/gateway.yaml DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/wardex-gateway)
install(FILES config/gateway.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/wardex-gateway)
