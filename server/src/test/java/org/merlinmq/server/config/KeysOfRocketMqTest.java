package org.merlinmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KeysOfRocketMqTest {
    /** The keys that a broker's file may hold, from the broker's documentation. */
    private static final String DOCUMENTED = """
            brokerClusterName brokerName brokerId brokerRole flushDiskType namesrvAddr brokerIP1 brokerIP2 listenPort
            bindAddress haListenPort haMasterAddress deleteWhen fileReservedTime defaultTopicQueueNums
            autoCreateTopicEnable autoCreateSubscriptionGroup clusterTopicEnable brokerTopicEnable storePathRootDir
            storePathCommitLog storePathConsuQueue storePathConsumeQueue storePathIndex maxMessageSize brokerPermission
            mappedFileSizeCommitLog mapedFileSizeCommitLog mappedFileSizeConsumeQueue mapedFileSizeConsumeQueue
            maxHashSlotNum maxIndexNum messageIndexEnable maxMsgsNumBatch defaultQueryMaxNum messageDelayLevel
            flushIntervalCommitLog commitIntervalCommitLog flushCommitLogLeastPages flushCommitLogThoroughInterval
            syncFlushTimeout diskMaxUsedSpaceRatio diskSpaceWarningLevelRatio diskSpaceCleanForciblyRatio
            transientStorePoolEnable transientStorePoolSize warmMapedFileEnable useReentrantLockWhenPutMessage
            osPageCacheBusyTimeOutMills maxTransferBytesOnMessageInMemory maxTransferCountOnMessageInMemory
            maxTransferBytesOnMessageInDisk maxTransferCountOnMessageInDisk accessMessageInMemoryMaxRatio slaveReadEnable
            haSendHeartbeatInterval haHousekeepingInterval haTransferBatchSize haMaxGapNotInSync haSlaveFallbehindMax
            slaveTimeout offsetCheckInSlave sendMessageThreadPoolNums pullMessageThreadPoolNums adminBrokerThreadPoolNums
            clientManageThreadPoolNums consumerManageThreadPoolNums sendThreadPoolQueueCapacity
            pullThreadPoolQueueCapacity waitTimeMillsInSendQueue waitTimeMillsInPullQueue waitTimeMillsInHeartbeatQueue
            waitTimeMillsInTransactionQueue brokerFastFailureEnable longPollingEnable shortPollingTimeMills
            notifyConsumerIdsChangedEnable flushConsumerOffsetInterval flushDelayOffsetInterval registerNameServerPeriod
            forceRegister compressedRegister registerBrokerTimeoutMills transactionTimeOut transactionCheckMax
            transactionCheckInterval rejectTransactionMessage enablePropertyFilter enableCalcFilterBitMap
            enableConsumeQueueExt filterSupportRetry aclEnable traceTopicEnable msgTraceTopicName traceOn regionId
            transferMsgByHeap storeReplyMessageEnable rejectPullConsumerEnable litePullMessageEnable
            startAcceptSendRequestTimeStamp disableConsumeIfConsumerReadSlowly consumerFallbehindThreshold
            timerWheelEnable timerMaxDelaySec timerPrecisionMs useServerSideResetOffset reviveQueueNum popPollingSize
            enableRetryTopicV2 defaultMessageRequestMode autoMessageVersionOnTopicLen enabledAppendPropCRC
            enableDLegerCommitLog enableControllerMode enableSlaveActingMaster serverSelectorThreads serverWorkerThreads
            serverChannelMaxIdleTimeSeconds kvConfigPath orderMessageEnable scanNotActiveBrokerInterval clusterTest
            returnOrderTopicConfigToBroker
            """;

    @Test
    void everyDocumentedKeyIsKnown() {
        Set<String> known = Stream.concat(
                        Settings.all().stream().flatMap(s -> s.aliases().stream()), IgnoredSettings.keys().stream())
                .collect(Collectors.toSet());
        assertThat(known).containsAll(List.of(DOCUMENTED.strip().split("\\s+")));
    }
}
