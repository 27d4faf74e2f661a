package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

const provisionerName = "hlf/volume-provisioner"

// newVolumeProvisionerCommand fills claims for volumes with folders of this machine.
//
// Every volume is one folder below --root, and goes when its PersistentVolume is released with policy Delete.
func newVolumeProvisionerCommand() *cobra.Command {
	var kubeconfig string
	var volumes folders
	command := &cobra.Command{
		Use:  "volume-provisioner",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return provisionVolumes(command.Context(), kubeconfig, volumes)
		},
	}
	flags := command.Flags()
	flags.StringVar(&kubeconfig, "kubeconfig", "", "how to reach the API server")
	flags.StringVar(&volumes.root, "root", "", "the folder that holds the volumes")
	return command
}

func provisionVolumes(ctx context.Context, kubeconfig string, volumes folders) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()

	client, err := newClient(kubeconfig)
	if err != nil {
		return fmt.Errorf("cannot make a client of %s: %w", kubeconfig, err)
	}
	controller.NewProvisionController(
		ctx, client, provisionerName, volumes,
		controller.LeaderElection(false),
	).Run(ctx)
	return nil
}

// folders makes volumes that are folders below root.
type folders struct {
	root string
}

// Provision makes the folder. Anyone may write into it, since pods run under users of their own choice.
func (f folders) Provision(
	_ context.Context, options controller.ProvisionOptions,
) (*v1.PersistentVolume, controller.ProvisioningState, error) {
	claim := options.PVC
	path := filepath.Join(f.root, fmt.Sprintf("%s_%s_%s", options.PVName, claim.Namespace, claim.Name))
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	// The process's umask took bits away.
	if err := os.Chmod(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	mode := v1.PersistentVolumeFilesystem
	return &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: options.PVName},
		Spec: v1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			AccessModes:                   claim.Spec.AccessModes,
			VolumeMode:                    &mode,
			Capacity:                      v1.ResourceList{v1.ResourceStorage: claim.Spec.Resources.Requests[v1.ResourceStorage]},
			PersistentVolumeSource: v1.PersistentVolumeSource{
				Local: &v1.LocalVolumeSource{Path: path},
			},
			NodeAffinity: onNode(options.SelectedNodeName),
		},
	}, controller.ProvisioningFinished, nil
}

// Delete removes the folder with what is in it.
func (f folders) Delete(_ context.Context, volume *v1.PersistentVolume) error {
	if volume.Spec.Local == nil || filepath.Dir(volume.Spec.Local.Path) != filepath.Clean(f.root) {
		return errors.New("the volume is not a folder of this provisioner")
	}
	return os.RemoveAll(volume.Spec.Local.Path)
}

func onNode(name string) *v1.VolumeNodeAffinity {
	return &v1.VolumeNodeAffinity{Required: &v1.NodeSelector{NodeSelectorTerms: []v1.NodeSelectorTerm{{
		MatchExpressions: []v1.NodeSelectorRequirement{{
			Key: v1.LabelHostname, Operator: v1.NodeSelectorOpIn, Values: []string{name},
		}},
	}}}}
}
