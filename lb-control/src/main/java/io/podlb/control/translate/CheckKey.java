package io.podlb.control.translate;

import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;

/**
 * An endpoint of a service port whose readiness is checked.
 *
 * @param endpoint its address, as slices say it
 */
public record CheckKey(ServicePortName port, SocketAddressSpec endpoint) {}
