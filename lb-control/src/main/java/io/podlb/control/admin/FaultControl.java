package io.podlb.control.admin;

import io.podlb.server.fault.FaultView;
import io.podlb.server.service.FaultSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How the admin endpoint sees and changes the faults of the data plane. Neither blocks.
 *
 * @param all those that are set and those of Services
 * @param set replaces those that are set
 */
public record FaultControl(Supplier<List<FaultView>> all, Consumer<FaultSet> set) {}
